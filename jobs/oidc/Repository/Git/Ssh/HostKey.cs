using System.Security.Cryptography;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A public key as known_hosts lists it.</summary>
internal sealed record HostKey(string Type, byte[] Blob)
{
    /// <summary>The algorithms that a server may sign with to prove the key. RSA with SHA-1 is omitted because it is broken.</summary>
    public IReadOnlyList<string> Algorithms => Type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [Type];

    /// <summary>The fingerprint as ssh-keygen prints it.</summary>
    public string Fingerprint => FingerprintOf(Blob);

    /// <summary>The fingerprint of an encoded key as ssh-keygen prints it.</summary>
    public static string FingerprintOf(byte[] blob) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=');

    /// <summary>Whether keys of a type can be compared with a server's.</summary>
    public static bool IsSupported(string type) =>
        type is "ssh-ed25519" or "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521" or "ssh-rsa";

    /// <summary>Parses type and Base64 encoding, whose structure must be complete: a key that was cut short is none.</summary>
    /// <returns>Null when they are not a key of that type, or of a type that is not supported.</returns>
    public static HostKey? Parse(string type, string base64)
    {
        if (!IsSupported(type))
        {
            return null;
        }

        try
        {
            var blob = Convert.FromBase64String(base64);
            var data = new SshKeyData(blob);
            using IDisposable key = type switch
            {
                "ssh-ed25519" => new ED25519Key(data),
                "ssh-rsa" => new RsaKey(data),
                _ => new EcdsaKey(data),
            };
            return data.Name == type && blob.Length == LengthOf(type, blob) ? new HostKey(type, blob) : null;
        }
        catch (Exception damaged) when (damaged is FormatException or ArgumentException or CryptographicException or NotSupportedException or SshException)
        {
            return null;
        }
    }

    /// <summary>The length of an encoded key, which only RSA does not fix.</summary>
    private static int LengthOf(string type, byte[] blob) => type switch
    {
        "ssh-ed25519" => 51,
        "ecdsa-sha2-nistp256" => 104,
        "ecdsa-sha2-nistp384" => 136,
        "ecdsa-sha2-nistp521" => 172,
        _ => blob.Length,
    };

    public bool Is(byte[] blob) => Blob.AsSpan().SequenceEqual(blob);
}
