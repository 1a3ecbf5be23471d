namespace ClusterTrust.Oidc.Tests.Issuer;

/// <summary>Keys and documents as kube-apiserver would serve them. The keys are created once a test run.</summary>
internal static class TestKeys
{
    public const string TestIssuer = "https://example.github.io/cluster-a";

    private static readonly Lazy<RSA[]> RsaKeys = new(() => [RSA.Create(2048), RSA.Create(2048), RSA.Create(2048), RSA.Create(2048)]);

    public static RSA Rsa(int index) => RsaKeys.Value[index];

    public static JsonWebKey RsaKey(int index, string? kid = null) => ToKey(Rsa(index), kid);

    public static JsonWebKey ToKey(RSA rsa, string? kid = null)
    {
        var numbers = rsa.ExportParameters(false);
        var key = new JsonWebKey("", "RS256", JsonWebKey.Rsa, [("e", Base64Url.EncodeToString(numbers.Exponent)), ("n", Base64Url.EncodeToString(numbers.Modulus))]);
        return key with { Kid = kid ?? key.KubernetesKeyId! };
    }

    public static JsonWebKey ToKey(ECDsa ecdsa, string curve, string? kid = null)
    {
        var point = ecdsa.ExportParameters(false).Q;
        var key = new JsonWebKey(
            "",
            curve switch { "P-256" => "ES256", "P-384" => "ES384", _ => "ES512" },
            JsonWebKey.Ec,
            [("crv", curve), ("x", Base64Url.EncodeToString(point.X)), ("y", Base64Url.EncodeToString(point.Y))]);
        return key with { Kid = kid ?? key.KubernetesKeyId! };
    }

    public static JsonObject Jwk(JsonWebKey key)
    {
        var jwk = new JsonObject { ["use"] = "sig", ["kid"] = key.Kid, ["alg"] = key.Alg, ["kty"] = key.Kty };
        foreach (var (name, value) in key.Members)
        {
            jwk[name] = value;
        }

        return jwk;
    }

    public static JsonObject JwksOf(params JsonObject[] keys) => new() { ["keys"] = new JsonArray([.. keys]) };

    public static JsonObject JwksOf(params JsonWebKey[] keys) => JwksOf([.. keys.Select(Jwk)]);

    public static JsonObject DiscoveryOf(string issuer, params string[] algorithms) => new()
    {
        ["issuer"] = issuer,
        ["jwks_uri"] = issuer.TrimEnd('/') + "/openid/v1/jwks",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray([.. algorithms.DefaultIfEmpty("RS256").Select(a => JsonValue.Create(a))]),
    };

    /// <summary>The object with these members; null for one to remove.</summary>
    public static JsonObject Patched(JsonObject json, string members)
    {
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
        {
            json.Remove(name);
            if (value is not null)
            {
                json[name] = value.DeepClone();
            }
        }

        return json;
    }

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    /// <summary>A token of this header and these claims.</summary>
    /// <param name="sign">Signs it; RS256 with key 0 by default.</param>
    public static string TokenOf(byte[] header, byte[] claims, Func<byte[], byte[]>? sign = null)
    {
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        sign ??= static data => Sign(0, data);
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static byte[] Sign(int key, byte[] data) => Rsa(key).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>Checks two documents that were answered with 200.</summary>
    public static CheckedIssuer Check(JsonNode? discovery = null, JsonNode? jwks = null, string? expected = null, params string[] hosts) =>
        Check(Bytes(discovery ?? DiscoveryOf(TestIssuer)), Bytes(jwks ?? JwksOf(RsaKey(0))), expected, hosts);

    /// <inheritdoc cref="Check(JsonNode?, JsonNode?, string?, string[])"/>
    public static CheckedIssuer Check(byte[] discovery, byte[] jwks, string? expected = null, string[]? hosts = null, string contentType = "application/jwk-set+json") => IssuerRules.Check(
        new ServedDocument(new Uri(IssuerUrl.DiscoveryPath, UriKind.Relative), "application/json", discovery),
        new ServedDocument(new Uri(IssuerUrl.JwksPath, UriKind.Relative), contentType, jwks),
        expected,
        hosts);

    public static CheckedIssuer Served(params JsonWebKey[] keys) => new(
        new DiscoveryDocument(
            TestIssuer, TestIssuer + "/openid/v1/jwks", ["id_token"], ["public"], [.. keys.Select(k => k.Alg).Append("RS256").Distinct()]),
        new JsonWebKeySet(keys),
        [],
        []);
}
