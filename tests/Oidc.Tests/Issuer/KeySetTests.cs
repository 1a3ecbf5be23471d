using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using static ClusterTrust.Oidc.Tests.Issuer.TestKeys;

namespace ClusterTrust.Oidc.Tests.Issuer;

public sealed class KeySetTests
{
    [Fact]
    public void The_same_key_twice_counts_once_with_a_notice()
    {
        var issuer = Check(jwks: JwksOf(Jwk(RsaKey(0)), Jwk(RsaKey(1)), Jwk(RsaKey(0))), expected: TestIssuer);

        Assert.Equal(2, issuer.Keys.Keys.Count);
        Assert.Contains($"has the key '{RsaKey(0).Kid}' more than once; it is published once", Assert.Single(issuer.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Different_keys_under_one_kid_are_refused()
    {
        var refusal = Assert.Throws<JobException>(() => Check(jwks: JwksOf(Jwk(RsaKey(0, "same")), Jwk(RsaKey(1, "same")))));

        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        Assert.Contains("has different keys under the kid 'same'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"use":"sig","kid":"pq","alg":"ML-DSA-44","kty":"AKP","pub":"AAEC"}""", "AKP")]
    [InlineData("""{"use":"sig","kid":"ed","alg":"EdDSA","kty":"OKP","crv":"Ed25519","x":"AAEC"}""", "OKP")]
    [InlineData("""{"use":"sig","kid":"ed","kty":"OKP","crv":"Ed25519","x":"AAEC"}""", "OKP")]
    [InlineData("""{"use":"sig","kid":"new","alg":"X-1","kty":"XYZ","material":"A\"<B"}""", "XYZ")]
    public void The_public_members_of_an_unknown_key_type_are_published_with_a_warning(string jwk, string kty)
    {
        // Google Cloud refuses a whole set with a certificate in it.
        var served = JsonNode.Parse(jwk)!.AsObject();
        (served["x5c"], served["x5t"], served["x5u"], served["key_ops"]) = (new JsonArray("AA", "BB"), "AA", "https://example.com/a", new JsonArray("verify"));
        var issuer = Check(jwks: JwksOf(Jwk(RsaKey(0)), served), expected: TestIssuer);
        Assert.EndsWith("has members that are not published, because Google Cloud refuses a set with them: x5c, x5t, x5u, key_ops.", Assert.Single(issuer.Notices), StringComparison.Ordinal);

        var keys = issuer.Keys;
        Assert.Contains(issuer.Warnings, warning => warning.Contains($"has the kty '{kty}'", StringComparison.Ordinal));
        var published = JsonNode.Parse(CanonicalJson.Write(keys))!["keys"]!.AsArray().Single(key => (string?)key!["kty"] == kty)!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(jwk), published), published.ToJsonString());

        // What was published is read as the same set, in whatever order.
        Assert.Equal(keys, Check(jwks: JsonNode.Parse(CanonicalJson.Write(keys)), expected: TestIssuer).Keys);
    }

    [Theory]
    [InlineData("""{"use":"sig","kid":"pq","alg":"ML-DSA-44","kty":"AKP","pub":"AAEC","priv":"c2VjcmV0"}""", "'priv'")]
    [InlineData("""{"use":"sig","kid":"ed","alg":"EdDSA","kty":"OKP","crv":"Ed25519","x":"AAEC","d":"c2VjcmV0"}""", "'d'")]
    [InlineData("""{"use":"sig","kid":"x","alg":"X","kty":"XYZ","pub":"AAEC","seed":"c2VjcmV0"}""", "'seed'")]
    [InlineData("""{"use":"sig","kid":"x","alg":"X","kty":"XYZ","pub":"AAEC","PrivateKey":"c2VjcmV0"}""", "'PrivateKey'")]
    [InlineData("""{"use":"sig","kid":"x","alg":"X","kty":"XYZ","pub":"AAEC","clientSecret":"c2VjcmV0"}""", "'clientSecret'")]
    public void A_private_member_of_any_type_is_refused_and_not_shown(string jwk, string member)
    {
        var refusal = Assert.Throws<JobException>(() => Check(jwks: JwksOf(Jwk(RsaKey(0)), JsonNode.Parse(jwk)!.AsObject())));

        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        Assert.Contains($"holds private key material (a member {member})", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"use":"sig","kid":"x","alg":"X","kty":"XYZ","pub":{"a":"b"}}""", "which is not a string")]
    [InlineData("""{"use":"sig","kid":"x","alg":"X","kty":"XYZ","pub":7}""", "which is not a string")]
    [InlineData("""{"use":"sig","kid":"x","alg":"X","kty":"XYZ","pub":["a"]}""", "which is not a string")]
    [InlineData("""{"use":"sig","kid":"x","alg":"X","kty":"XYZ"}""", "0 other members")]
    [InlineData("""{"use":"sig","kid":"x","alg":"X","pub":"AA"}""", "has no kty")]
    [InlineData("""{"use":"enc","kid":"x","alg":"X","kty":"XYZ","pub":"AA"}""", "has the use 'enc'")]
    public void An_invalid_key_of_an_unknown_type_is_refused(string jwk, string sentence) => Assert.Contains(
        sentence,
        Assert.Throws<JobException>(() => Check(jwks: JwksOf(Jwk(RsaKey(0)), JsonNode.Parse(jwk)!.AsObject()))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Nothing_but_unknown_key_types_is_refused()
    {
        var jwk = JsonNode.Parse("""{"use":"sig","kid":"pq","alg":"ML-DSA-44","kty":"AKP","pub":"AAEC"}""")!.AsObject();

        Assert.Contains("has no key of a type that clouds accept", Assert.Throws<JobException>(() => Check(jwks: JwksOf(jwk))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_thumbprint_of_an_Ed25519_key_is_that_of_RFC_8037()
    {
        // RFC 8037, appendix A.2 and A.3.
        var jwk = JsonNode.Parse("""{"use":"sig","kid":"ed","kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")!.AsObject();

        Assert.True(Check(jwks: JwksOf(Jwk(RsaKey(0)), jwk), expected: TestIssuer).Keys.TryGet("ed", out var key));
        Assert.Equal("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", key.Thumbprint);
    }

    [Fact]
    public void A_jwks_uri_on_another_name_in_the_serving_certificate_is_the_API_server_s_own()
    {
        var discovery = DiscoveryOf(TestIssuer);
        discovery["jwks_uri"] = "https://cp.example.com:6443/openid/v1/jwks";

        var issuer = Check(discovery, null, TestIssuer, "10.0.0.1", "cp.example.com");

        Assert.Equal("https://cp.example.com:6443/openid/v1/jwks", issuer.ServedJwksUri);
        Assert.Contains("jwks_uri is its own address", Assert.Single(issuer.Notices), StringComparison.Ordinal);
    }
}
