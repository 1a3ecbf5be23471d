using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>A public key as known_hosts lists it.</summary>
internal sealed record HostKey(string Type, byte[] Blob)
{
    /// <summary>The supported types, and the length of an encoded key; null for RSA, whose keys have any length.</summary>
    private static readonly Dictionary<string, int?> Lengths = new(StringComparer.Ordinal)
    {
        ["ssh-ed25519"] = 51,
        ["ecdsa-sha2-nistp256"] = 104,
        ["ecdsa-sha2-nistp384"] = 136,
        ["ecdsa-sha2-nistp521"] = 172,
        ["ssh-rsa"] = null,
    };

    /// <summary>The signature algorithms with which a server may prove possession of the key. RSA with SHA-1 is omitted because it is broken.</summary>
    public IReadOnlyList<string> Algorithms => Type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [Type];

    /// <summary>The fingerprint of an encoded key as ssh-keygen prints it.</summary>
    public static string FingerprintOf(byte[] blob) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=');

    /// <summary>Whether keys of a type can be compared with a server's.</summary>
    public static bool IsSupported(string type) => Lengths.ContainsKey(type);

    /// <summary>Parses type and Base64 encoding, whose structure must be complete: a truncated key is invalid.</summary>
    /// <returns>Null when they are not a key of that type, or of a type that is not supported.</returns>
    public static HostKey? Parse(string type, string base64)
    {
        if (!Lengths.TryGetValue(type, out var length))
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
            return data.Name == type && blob.Length == (length ?? blob.Length) ? new HostKey(type, blob) : null;
        }
        catch (Exception damaged) when (damaged is FormatException or ArgumentException or CryptographicException or NotSupportedException or SshException)
        {
            return null;
        }
    }

    public bool Is(byte[] blob) => Blob.AsSpan().SequenceEqual(blob);
}
