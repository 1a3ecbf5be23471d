using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A public key as known_hosts lists it.</summary>
/// <param name="Type">Its type, as in <c>ssh-ed25519</c>.</param>
/// <param name="Blob">Its encoding (RFC 4253 §6.6).</param>
internal sealed record HostKey(string Type, byte[] Blob)
{
    /// <summary>What a server may prove the key with. RSA with SHA-1 is left out: it proves little any more.</summary>
    public IReadOnlyList<string> Algorithms => Type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [Type];

    /// <summary>The fingerprint as ssh-keygen prints it.</summary>
    public string Fingerprint => FingerprintOf(Blob);

    /// <summary>The fingerprint of an encoded key as ssh-keygen prints it.</summary>
    public static string FingerprintOf(byte[] blob) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=');

    /// <summary>Reads type and Base64 encoding.</summary>
    /// <returns>Null when they are not a key of that type.</returns>
    public static HostKey? Parse(string type, string base64)
    {
        var blob = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, blob, out var length) || length < sizeof(int))
        {
            return null;
        }

        var named = BinaryPrimitives.ReadUInt32BigEndian(blob);
        return named == type.Length && length > sizeof(int) + named && Encoding.ASCII.GetString(blob, sizeof(int), type.Length) == type
            ? new HostKey(type, blob[..length])
            : null;
    }

    /// <summary>Whether it is this key.</summary>
    public bool Is(byte[] blob) => Blob.AsSpan().SequenceEqual(blob);
}
