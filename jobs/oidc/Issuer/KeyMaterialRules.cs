using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>The rules for the numbers of a public key (RFC 7518 §6).</summary>
internal static class KeyMaterialRules
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 16384;

    private static readonly HashSet<string> RsaAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    /// <summary>An RSA key, or what is wrong with it as the end of a sentence whose subject is the key.</summary>
    public static (JsonWebKey? Key, string? Fault) Rsa(string kid, string alg, JsonElement jwk)
    {
        if (!RsaAlgorithms.Contains(alg))
        {
            return (null, $"has the alg '{Shown.Of(alg)}', which is none of RSA");
        }

        if (!TryMember(jwk, "n", out var modulusText, out var modulus) || !TryMember(jwk, "e", out var exponentText, out var exponent))
        {
            return (null, "has no n and e in base64url without padding");
        }

        if (modulus[0] == 0 || exponent[0] == 0)
        {
            return (null, "has an n or e with leading zeros");
        }

        var bits = (8 * modulus.Length) - BitOperations.LeadingZeroCount(modulus[0]) + 24;
        if (bits is < MinRsaBits or > MaxRsaBits || modulus[^1] % 2 == 0)
        {
            return (null, $"has a modulus of {bits} bits; an odd one of {MinRsaBits} to {MaxRsaBits} is taken");
        }

        // Go, in which most verifiers of these tokens are written, takes exponents below 2^31 only.
        var value = exponent.Length > 4 ? 0 : exponent.Aggregate(0L, (sum, octet) => (sum << 8) | octet);
        return value is < 3 or > int.MaxValue || value % 2 == 0
            ? (null, "has a public exponent that is not an odd number from 3 to 2^31-1")
            : (new RsaWebKey(kid, alg, modulusText, exponentText), null);
    }

    /// <summary>An elliptic curve key, or what is wrong with it.</summary>
    public static (JsonWebKey? Key, string? Fault) Ec(string kid, string alg, JsonElement jwk)
    {
        var curve = jwk.TryGetProperty("crv", out var crv) && crv.ValueKind == JsonValueKind.String ? crv.GetString()! : "";
        if (EcWebKey.AlgorithmOf(curve) is not { } expected)
        {
            return (null, $"has the crv '{Shown.Of(curve)}'; P-256, P-384 and P-521 are taken");
        }

        if (alg != expected)
        {
            return (null, $"has the alg '{Shown.Of(alg)}', but {curve} signs with {expected}");
        }

        var length = EcWebKey.CoordinateLength(curve);
        if (!TryMember(jwk, "x", out var xText, out var x) || !TryMember(jwk, "y", out var yText, out var y)
            || x.Length != length || y.Length != length)
        {
            return (null, $"has no x and y of {length} bytes each in base64url without padding");
        }

        var key = new EcWebKey(kid, alg, curve, xText, yText);
        try
        {
            key.ExportSubjectPublicKeyInfo();
            return (key, null);
        }
        catch (CryptographicException)
        {
            return (null, $"is not a point on {curve}");
        }
    }

    private static bool TryMember(JsonElement jwk, string name, out string text, out byte[] bytes)
    {
        text = jwk.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        bytes = JsonWebToken.TryDecode(text, out var decoded) ? decoded : [];
        return bytes.Length > 0;
    }
}
