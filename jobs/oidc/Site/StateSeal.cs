using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Authenticates the state file (HMAC-SHA-256). Someone who writes to the repository with other credentials than this job's can change the state
/// together with the key set; without the seal's key, the change is detected.
/// </summary>
internal sealed class StateSeal
{
    private readonly byte[] _key;

    /// <param name="secret">
    /// A private key file of the job: high in entropy, because the seal is public and can be attacked offline. White space does not
    /// count, so that a Secret created again from the same key gives the same seal.
    /// </param>
    public StateSeal(ReadOnlySpan<byte> secret)
    {
        var text = new byte[secret.Length];
        var length = 0;
        foreach (var octet in secret)
        {
            if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                text[length++] = octet;
            }
        }

        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, text[..length], 32, salt: null, Encoding.ASCII.GetBytes("clustertrust-oidc state seal 1"));
        CryptographicOperations.ZeroMemory(text);
    }

    /// <summary>The seal of some bytes, base64url.</summary>
    public string Of(ReadOnlySpan<byte> content) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, content));

    /// <summary>Whether a seal is that of these bytes.</summary>
    public bool Matches(ReadOnlySpan<byte> content, string seal) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(content)), Encoding.UTF8.GetBytes(seal));
}
