using System.Security.Cryptography;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>An elliptic curve public key (RFC 7518 §6.2.1).</summary>
/// <param name="Kid">The key id.</param>
/// <param name="Alg">ES256, ES384 or ES512; the curve decides which.</param>
/// <param name="Curve">The member <c>crv</c>: P-256, P-384 or P-521.</param>
/// <param name="X">The member <c>x</c>, base64url.</param>
/// <param name="Y">The member <c>y</c>, base64url.</param>
public sealed record EcWebKey(string Kid, string Alg, string Curve, string X, string Y) : JsonWebKey(Kid, Alg)
{
    /// <inheritdoc/>
    public override string Kty => "EC";

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> RequiredMembers =>
        [new("crv", Curve), new("kty", Kty), new("x", X), new("y", Y)];

    /// <summary>The one algorithm of a curve (RFC 7518 §3.4), or null for a curve that is not taken.</summary>
    public static string? AlgorithmOf(string curve) => curve switch
    {
        "P-256" => "ES256",
        "P-384" => "ES384",
        "P-521" => "ES512",
        _ => null,
    };

    /// <summary>The length of a coordinate in bytes (RFC 7518 §6.2.1.2).</summary>
    public static int CoordinateLength(string curve) => curve switch
    {
        "P-256" => 32,
        "P-384" => 48,
        "P-521" => 66,
        _ => throw new ArgumentException("Not a curve of RFC 7518 §6.2.1.1.", nameof(curve)),
    };

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo()
    {
        using var ecdsa = Import();
        return ecdsa.ExportSubjectPublicKeyInfo();
    }

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var ecdsa = Import();
        return ecdsa.VerifyData(data, signature, HashOf(Alg), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private ECDsa Import() => ECDsa.Create(new ECParameters
    {
        Curve = Curve switch
        {
            "P-256" => ECCurve.NamedCurves.nistP256,
            "P-384" => ECCurve.NamedCurves.nistP384,
            "P-521" => ECCurve.NamedCurves.nistP521,
            _ => throw new CryptographicException("The curve is not supported."),
        },
        Q = new ECPoint
        {
            X = JsonWebToken.TryDecode(X, out var x) ? x : throw new CryptographicException("x is not base64url."),
            Y = JsonWebToken.TryDecode(Y, out var y) ? y : throw new CryptographicException("y is not base64url."),
        },
    });
}
