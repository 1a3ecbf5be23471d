using System.Buffers.Text;

namespace ClusterTrust.Oidc.Site;

/// <summary>
/// Authenticates the state file (HMAC-SHA-256). Someone who writes to the repository with other credentials than this job's can change the state
/// together with the key set; without the seal's key, the change is detected.
/// </summary>
/// <param name="secret">
/// A private key of the job in PEM or armor: high in entropy, because the seal is public and can be attacked offline. White space is
/// ignored, so that a Secret created again from the same key gives the same seal.
/// </param>
internal sealed class StateSeal(byte[] secret)
{
    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Array.FindAll(secret, static octet => !" \t\r\n"u8.Contains(octet)), 32, salt: null, Encoding.ASCII.GetBytes("clustertrust-oidc state seal 1"));

    /// <summary>The seal of some bytes, base64url.</summary>
    public string Of(ReadOnlySpan<byte> content) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, content));

    /// <summary>Whether a seal is that of these bytes.</summary>
    public bool Matches(ReadOnlySpan<byte> content, string seal) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(content)), Encoding.UTF8.GetBytes(seal));
}
