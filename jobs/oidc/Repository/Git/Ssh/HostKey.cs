using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A public key as known_hosts lists it.</summary>
internal sealed record HostKey(string Type, byte[] Blob)
{
    /// <summary>What a server may prove the key with. RSA with SHA-1 is omitted because it is broken.</summary>
    public IReadOnlyList<string> Algorithms => Type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [Type];

    /// <summary>The fingerprint as ssh-keygen prints it.</summary>
    public string Fingerprint => FingerprintOf(Blob);

    /// <summary>The fingerprint of an encoded key as ssh-keygen prints it.</summary>
    public static string FingerprintOf(byte[] blob) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=');

    /// <summary>Whether keys of a type can be compared with a server's.</summary>
    public static bool IsSupported(string type) => FieldsOf(type) is not null;

    /// <summary>Parses type and Base64 encoding, whose structure must be complete: a key that was cut short is none.</summary>
    /// <returns>Null when they are not a key of that type, or of a type that is not supported.</returns>
    public static HostKey? Parse(string type, string base64)
    {
        var blob = new byte[base64.Length];
        if (FieldsOf(type) is not { } expected || !Convert.TryFromBase64String(base64, blob, out var length))
        {
            return null;
        }

        var rest = blob.AsSpan(0, length);
        if (Take(ref rest) is not { } name || Encoding.ASCII.GetString(name) != type)
        {
            return null;
        }

        foreach (var size in expected)
        {
            if (Take(ref rest) is not { Length: > 0 } field || (size > 0 && field.Length != size))
            {
                return null;
            }
        }

        return rest.IsEmpty ? new HostKey(type, blob[..length]) : null;
    }

    public bool Is(byte[] blob) => Blob.AsSpan().SequenceEqual(blob);

    /// <summary>The lengths in bytes of the fields behind the type, 0 for any length; null for a type that is not supported.</summary>
    private static int[]? FieldsOf(string type) => type switch
    {
        "ssh-ed25519" => [32],
        "ecdsa-sha2-nistp256" => [8, 65],
        "ecdsa-sha2-nistp384" => [8, 97],
        "ecdsa-sha2-nistp521" => [8, 133],
        "ssh-rsa" => [0, 0],
        _ => null,
    };

    private static byte[]? Take(ref Span<byte> from)
    {
        if (from.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(from) is var length && length > from.Length - sizeof(uint))
        {
            return null;
        }

        var field = from.Slice(sizeof(uint), (int)length).ToArray();
        from = from[(sizeof(uint) + (int)length)..];
        return field;
    }
}
