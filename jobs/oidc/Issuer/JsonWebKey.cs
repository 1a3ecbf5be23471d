using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>A public signing key (RFC 7517) that passed the rules. There is no place in it for a private member.</summary>
/// <param name="Kid">The key id, as in the header of every token that the key signs.</param>
/// <param name="Alg">The JWS algorithm, such as <c>RS256</c>.</param>
internal abstract record JsonWebKey(string Kid, string Alg)
{
    /// <summary>The key type, such as <c>RSA</c> or <c>EC</c>.</summary>
    public abstract string Kty { get; }

    /// <summary>The members of the public key in the order of RFC 7638 §3.2 (lexicographic), <c>kty</c> among them.</summary>
    public abstract IReadOnlyList<KeyValuePair<string, string>> RequiredMembers { get; }

    /// <summary>The SHA-256 JWK thumbprint (RFC 7638), base64url without padding. It names the key whatever its kid.</summary>
    public string Thumbprint =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(
            "{" + string.Join(",", RequiredMembers.Select(m => $"\"{JsonEncodedText.Encode(m.Key)}\":\"{JsonEncodedText.Encode(m.Value)}\"")) + "}")));

    /// <summary>The key id that kube-apiserver derives: SHA-256 of the SubjectPublicKeyInfo, base64url without padding. Null for an unknown key type.</summary>
    public virtual string? KubernetesKeyId => Base64Url.EncodeToString(SHA256.HashData(ExportSubjectPublicKeyInfo()));

    /// <summary>The key as DER-encoded SubjectPublicKeyInfo (RFC 5280 §4.1).</summary>
    /// <exception cref="CryptographicException">The members make no key, for example a point that is not on its curve.</exception>
    public byte[] ExportSubjectPublicKeyInfo()
    {
        using var key = Import();
        return key.ExportSubjectPublicKeyInfo();
    }

    /// <summary>Writes the members besides <c>kid</c>, <c>use</c>, <c>alg</c> and <c>kty</c> as they are published.</summary>
    public virtual void WriteMembers(Utf8JsonWriter writer)
    {
        foreach (var (name, value) in RequiredMembers.Where(static member => member.Key != "kty"))
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>Whether <paramref name="signature"/> over <paramref name="data"/> was made by this key with <see cref="Alg"/> (RFC 7518 §3).</summary>
    public abstract bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    private protected abstract AsymmetricAlgorithm Import();

    /// <summary>The hash of a JWS algorithm, by the three digits that end its name.</summary>
    private protected HashAlgorithmName Hash => Alg[^3..] switch
    {
        "256" => HashAlgorithmName.SHA256,
        "384" => HashAlgorithmName.SHA384,
        "512" => HashAlgorithmName.SHA512,
        _ => throw new CryptographicException($"The algorithm {Alg} is not supported."),
    };

    private protected static byte[] Decode(string text) =>
        JsonWebToken.TryDecode(text, out var bytes) ? bytes : throw new CryptographicException("A member of the key is not base64url.");

    private protected static bool TryRead(JsonElement jwk, string name, out string text, out byte[] bytes)
    {
        text = StrictJson.TextOf(jwk, name) ?? "";
        bytes = JsonWebToken.TryDecode(text, out var decoded) ? decoded : [];
        return bytes.Length > 0;
    }
}

/// <summary>An RSA public key (RFC 7518 §6.3.1).</summary>
/// <param name="Alg">RS256, RS384, RS512, PS256, PS384 or PS512.</param>
internal sealed record RsaWebKey(string Kid, string Alg, string Modulus, string Exponent) : JsonWebKey(Kid, Alg)
{
    private const int MinBits = 2048;
    private const int MaxBits = 16384;

    private static readonly HashSet<string> Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    public override string Kty => "RSA";

    public override IReadOnlyList<KeyValuePair<string, string>> RequiredMembers => [new("e", Exponent), new("kty", Kty), new("n", Modulus)];

    /// <summary>An RSA key, or what is wrong with it as the end of a sentence whose subject is the key.</summary>
    public static (JsonWebKey? Key, string? Fault) Read(string kid, string alg, JsonElement jwk)
    {
        if (!Algorithms.Contains(alg))
        {
            return (null, $"has the alg '{Sanitizer.Sanitize(alg)}', which is not a signature algorithm of RSA keys");
        }

        if (!TryRead(jwk, "n", out var modulusText, out var modulus) || !TryRead(jwk, "e", out var exponentText, out var exponent))
        {
            return (null, "has no n and e in base64url without padding");
        }

        if (modulus[0] == 0 || exponent[0] == 0)
        {
            return (null, "has an n or e with leading zeros");
        }

        var bits = (8 * modulus.Length) - BitOperations.LeadingZeroCount(modulus[0]) + 24;
        if (bits is < MinBits or > MaxBits || modulus[^1] % 2 == 0)
        {
            return (null, $"has a modulus of {bits} bits; it must be odd and of {MinBits} to {MaxBits} bits");
        }

        // Go, in which most verifiers of these tokens are written, takes exponents below 2^31 only.
        var value = exponent.Length > 4 ? 0 : exponent.Aggregate(0L, (sum, octet) => (sum << 8) | octet);
        return value is < 3 or > int.MaxValue || value % 2 == 0
            ? (null, "has a public exponent that is not an odd number from 3 to 2^31-1")
            : (new RsaWebKey(kid, alg, modulusText, exponentText), null);
    }

    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var rsa = Import();
        return rsa.VerifyData(data, signature, Hash, Alg.StartsWith("PS", StringComparison.Ordinal) ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    private protected override RSA Import() => RSA.Create(new RSAParameters { Modulus = Decode(Modulus), Exponent = Decode(Exponent) });
}

/// <summary>An elliptic curve public key (RFC 7518 §6.2.1).</summary>
/// <param name="Alg">ES256, ES384 or ES512; the curve decides which (RFC 7518 §3.4).</param>
/// <param name="Curve">The member <c>crv</c>: P-256, P-384 or P-521.</param>
internal sealed record EcWebKey(string Kid, string Alg, string Curve, string X, string Y) : JsonWebKey(Kid, Alg)
{
    /// <summary>By the name of the curve: its algorithm and the length of a coordinate in bytes (RFC 7518 §6.2.1.2).</summary>
    private static readonly Dictionary<string, (string Alg, int Length, ECCurve Curve)> Curves = new()
    {
        ["P-256"] = ("ES256", 32, ECCurve.NamedCurves.nistP256),
        ["P-384"] = ("ES384", 48, ECCurve.NamedCurves.nistP384),
        ["P-521"] = ("ES512", 66, ECCurve.NamedCurves.nistP521),
    };

    public override string Kty => "EC";

    public override IReadOnlyList<KeyValuePair<string, string>> RequiredMembers => [new("crv", Curve), new("kty", Kty), new("x", X), new("y", Y)];

    /// <summary>An elliptic curve key, or what is wrong with it as the end of a sentence whose subject is the key.</summary>
    public static (JsonWebKey? Key, string? Fault) Read(string kid, string alg, JsonElement jwk)
    {
        var name = StrictJson.TextOf(jwk, "crv") ?? "";
        if (!Curves.TryGetValue(name, out var curve))
        {
            return (null, $"has the crv '{Sanitizer.Sanitize(name)}'; it must be P-256, P-384 or P-521");
        }

        if (alg != curve.Alg)
        {
            return (null, $"has the alg '{Sanitizer.Sanitize(alg)}', but {name} signs with {curve.Alg}");
        }

        if (!TryRead(jwk, "x", out var xText, out var x) || !TryRead(jwk, "y", out var yText, out var y)
            || x.Length != curve.Length || y.Length != curve.Length)
        {
            return (null, $"has no x and y of {curve.Length} bytes each in base64url without padding");
        }

        var key = new EcWebKey(kid, alg, name, xText, yText);
        try
        {
            key.ExportSubjectPublicKeyInfo();
            return (key, null);
        }
        catch (CryptographicException)
        {
            return (null, $"is not a point on {name}");
        }
    }

    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var ecdsa = Import();
        return ecdsa.VerifyData(data, signature, Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private protected override ECDsa Import() =>
        ECDsa.Create(new ECParameters { Curve = Curves[Curve].Curve, Q = new ECPoint { X = Decode(X), Y = Decode(Y) } });
}
