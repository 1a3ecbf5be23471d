using System.Security.Cryptography;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>An RSA public key (RFC 7518 §6.3.1).</summary>
/// <param name="Kid">The key id.</param>
/// <param name="Alg">RS256, RS384, RS512, PS256, PS384 or PS512.</param>
/// <param name="Modulus">The member <c>n</c>, base64url.</param>
/// <param name="Exponent">The member <c>e</c>, base64url.</param>
public sealed record RsaWebKey(string Kid, string Alg, string Modulus, string Exponent) : JsonWebKey(Kid, Alg)
{
    /// <inheritdoc/>
    public override string Kty => "RSA";

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> RequiredMembers =>
        [new("e", Exponent), new("kty", Kty), new("n", Modulus)];

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo()
    {
        using var rsa = Import();
        return rsa.ExportSubjectPublicKeyInfo();
    }

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var padding = Alg.StartsWith("PS", StringComparison.Ordinal) ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        using var rsa = Import();
        return rsa.VerifyData(data, signature, HashOf(Alg), padding);
    }

    private RSA Import() => RSA.Create(new RSAParameters
    {
        Modulus = JsonWebToken.TryDecode(Modulus, out var n) ? n : throw new CryptographicException("The modulus is not base64url."),
        Exponent = JsonWebToken.TryDecode(Exponent, out var e) ? e : throw new CryptographicException("The exponent is not base64url."),
    });
}
