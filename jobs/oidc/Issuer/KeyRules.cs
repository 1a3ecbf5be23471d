using System.Numerics;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>The rules for one entry of a key set (RFC 7517 §4, RFC 7518 §6). A fault is the end of a sentence whose subject is the key.</summary>
internal static class KeyRules
{
    public const int MaxKidLength = 1024;

    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 16384;
    private const int MaxMembers = 32;

    private static readonly HashSet<string> RsaAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    /// <summary>By curve: its algorithm (RFC 7518 §3.4), and the length of a coordinate in bytes (§6.2.1.2).</summary>
    private static readonly Dictionary<string, (string Alg, int Length)> Curves = new() { ["P-256"] = ("ES256", 32), ["P-384"] = ("ES384", 48), ["P-521"] = ("ES512", 66) };

    // Not part of the key (RFC 7517 §4). Certificates are not published: Google Cloud refuses a whole set for an x5c or x5t.
    private static readonly HashSet<string> Descriptive = ["kid", "kty", "alg", "use", "key_ops", "x5u", "x5c", "x5t", "x5t#S256"];

    /// <summary>Reads an entry. The caller has refused private members already (<see cref="PrivateMembers"/>).</summary>
    /// <returns>The key without a fault; a valid key with the fault that it has no kid, alg or use, which RFC 7517 allows; or no key, and its fault.</returns>
    public static (JsonWebKey? Key, string? Fault) Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object)
        {
            return (null, "is not a JSON object");
        }

        var (kid, alg, use) = (Text(jwk, "kid"), Text(jwk, "alg"), Text(jwk, "use"));
        var hasKid = IsKid(kid);
        var (members, fault) = Text(jwk, "kty") switch
        {
            "oct" => (null, "is symmetric (kty 'oct'), a secret that must not be served at all"),
            _ when NeedsNoPrivateKey(alg) => (null, $"has the alg '{Sanitizer.Sanitize(alg)}', whose tokens are made without a private key"),
            _ when use is not ("" or "sig") => (null, $"has the use '{Sanitizer.Sanitize(use)}' and not 'sig'"),
            JsonWebKey.Rsa => ReadRsa(alg.Length == 0 ? "RS256" : alg, jwk),
            JsonWebKey.Ec => ReadEc(alg, jwk),
            var kty => ReadUnknown(kty, jwk),
        };
        var key = members is null ? null : new JsonWebKey(hasKid ? kid : "", alg, Text(jwk, "kty"), members);
        if (key?.Kty == JsonWebKey.Ec && !IsOnCurve(key))
        {
            (key, fault) = (null, $"is not a point on {Text(jwk, "crv")}");
        }

        fault ??= use.Length == 0 ? "has the use '' and not 'sig'" : alg.Length == 0 && key!.IsKnownType ? "has no alg" : null;
        return !hasKid ? (key, $"has no kid of 1 to {MaxKidLength} printable ASCII characters without spaces")
            : (key, fault is null ? null : $"(kid '{Sanitizer.Sanitize(kid)}') {fault}");
    }

    /// <summary>Whether a key may have this kid.</summary>
    public static bool IsKid(string text) => text.Length is > 0 and <= MaxKidLength && text.All(static c => c is > ' ' and <= '~');

    /// <summary>Whether tokens of an algorithm have no signature, or an HMAC (RFC 7518 §3.1).</summary>
    public static bool NeedsNoPrivateKey(string algorithm) =>
        algorithm.Equals("none", StringComparison.OrdinalIgnoreCase) || algorithm.StartsWith("HS", StringComparison.OrdinalIgnoreCase);

    /// <summary>The names of an entry's members that are not published, for a message; empty for none.</summary>
    public static string OtherMembersOf(JsonElement jwk, JsonWebKey key) => string.Join(
        ", ", jwk.EnumerateObject().Select(static member => member.Name).Except(["kid", "kty", "alg", "use", .. key.Members.Select(static member => member.Name)]));

    private static ((string, string)[]? Members, string? Fault) ReadRsa(string alg, JsonElement jwk)
    {
        var (modulus, exponent) = (Decode(jwk, "n") ?? [], Decode(jwk, "e") ?? []);
        var bits = modulus is [var first, ..] ? (8 * modulus.Length) - BitOperations.LeadingZeroCount(first) + 24 : 0;

        // Go, in which most verifiers of these tokens are written, takes exponents below 2^31 only.
        var value = exponent.Length > 4 ? 0 : exponent.Aggregate(0L, static (sum, octet) => (sum << 8) | octet);
        return alg switch
        {
            _ when !RsaAlgorithms.Contains(alg) => (null, $"has the alg '{Sanitizer.Sanitize(alg)}', which is not a signature algorithm of RSA keys"),
            _ when modulus.Length == 0 || exponent.Length == 0 => (null, "has no n and e in base64url without padding"),
            _ when modulus[0] == 0 || exponent[0] == 0 => (null, "has an n or e with leading zeros"),
            _ when bits is < MinRsaBits or > MaxRsaBits || modulus[^1] % 2 == 0 =>
                (null, $"has a modulus of {bits} bits; it must be odd and of {MinRsaBits} to {MaxRsaBits} bits"),
            _ when value is < 3 or > int.MaxValue || value % 2 == 0 => (null, "has a public exponent that is not an odd number from 3 to 2^31-1"),
            _ => ([("e", Text(jwk, "e")), ("n", Text(jwk, "n"))], null),
        };
    }

    private static ((string, string)[]? Members, string? Fault) ReadEc(string alg, JsonElement jwk)
    {
        var name = Text(jwk, "crv");
        return !Curves.TryGetValue(name, out var curve) ? (null, $"has the crv '{Sanitizer.Sanitize(name)}'; it must be P-256, P-384 or P-521")
            : alg.Length > 0 && alg != curve.Alg ? (null, $"has the alg '{Sanitizer.Sanitize(alg)}', but {name} signs with {curve.Alg}")
            : Decode(jwk, "x")?.Length != curve.Length || Decode(jwk, "y")?.Length != curve.Length
                ? (null, $"has no x and y of {curve.Length} bytes each in base64url without padding")
            : ([("crv", name), ("x", Text(jwk, "x")), ("y", Text(jwk, "y"))], null);
    }

    private static ((string, string)[]? Members, string? Fault) ReadUnknown(string kty, JsonElement jwk)
    {
        if (kty.Length == 0 || kty.Any(static c => c is <= ' ' or > '~'))
        {
            return (null, "has no kty of printable ASCII characters");
        }

        var members = jwk.EnumerateObject().Where(static member => !Descriptive.Contains(member.Name)).OrderBy(static member => member.Name, StringComparer.Ordinal).ToArray();
        return members.Length is 0 or > MaxMembers
                ? (null, $"has the kty '{Sanitizer.Sanitize(kty)}' and {members.Length} other members; 1 to {MaxMembers} are allowed")
            // Another value cannot be checked without knowing the type.
            : members.Where(static member => member.Value.ValueKind != JsonValueKind.String).Select(static member => member.Name).FirstOrDefault() is { } other
                ? (null, $"has the unknown kty '{Sanitizer.Sanitize(kty)}' and the member '{Sanitizer.Sanitize(other)}', which is not a string")
            : ([.. members.Select(static member => (member.Name, member.Value.GetString()!))], null);
    }

    private static bool IsOnCurve(JsonWebKey key)
    {
        try
        {
            key.ExportSubjectPublicKeyInfo();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string Text(JsonElement jwk, string name) => StrictJson.TextOf(jwk, name) ?? "";

    private static byte[]? Decode(JsonElement jwk, string name) => JsonWebToken.TryDecode(Text(jwk, name), out var bytes) ? bytes : null;
}
