using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Tests.Issuer;

public sealed class TokenRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonWebKey Key = TestKeys.RsaKey(0);
    private static readonly JsonWebKeySet Keys = new([Key]);

    [Fact]
    public void A_token_of_the_issuer_that_verifies_has_no_fault() => Assert.Null(FaultOf(Token()));

    [Fact]
    public void An_EC_token_verifies_with_its_curve()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var key = TestKeys.ToKey(ecdsa, "P-384");
        var token = Token(kid: key.Kid, alg: "ES384", sign: data => ecdsa.SignData(data, HashAlgorithmName.SHA384));

        Assert.Null(TokenRules.FaultOf(Parse(token), TestKeys.TestIssuer, new JsonWebKeySet([key]), Now));
    }

    [Fact]
    public void The_issuer_counts_to_the_character()
    {
        var fault = FaultOf(Token(claims => claims["iss"] = TestKeys.TestIssuer + "/"));

        Assert.Contains("the only difference is a trailing slash", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_not_published_is_named() =>
        Assert.Contains("signed by the key 'other'", FaultOf(Token(kid: "other")), StringComparison.Ordinal);

    [Fact]
    public void A_signature_of_another_key_under_the_same_kid_does_not_verify()
    {
        var token = Token(sign: data => TestKeys.Rsa(1).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        Assert.Contains("does not verify", FaultOf(token), StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_names_another_algorithm_than_its_key_does_not_verify()
    {
        var token = Token(alg: "HS256", sign: data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key.Members[1].Value), data));

        Assert.Contains("does not verify", FaultOf(token), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_claim_breaks_the_signature()
    {
        var parts = Token().Split('.');
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("reader", "admin0", StringComparison.Ordinal);
        var changed = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{parts[2]}";

        Assert.Contains("does not verify", FaultOf(changed), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-301, "expired at 2026-03-01T11:54:59Z")]
    [InlineData(-299, null)]
    public void A_token_may_be_expired_by_as_much_as_clocks_differ(int seconds, string? fault) =>
        AssertFault(fault, FaultOf(Token(claims => claims["exp"] = Now.AddSeconds(seconds).ToUnixTimeSeconds())));

    [Theory]
    [InlineData(301, "not valid before 2026-03-01T12:05:01Z")]
    [InlineData(299, null)]
    public void A_token_may_be_too_young_by_as_much_as_clocks_differ(int seconds, string? fault) =>
        AssertFault(fault, FaultOf(Token(claims => claims["nbf"] = Now.AddSeconds(seconds).ToUnixTimeSeconds())));

    [Fact]
    public void A_token_without_an_expiry_is_refused_where_times_count()
    {
        var token = Parse(Token(claims => claims.Remove("exp")));

        Assert.Contains("no time of expiry", TokenRules.FaultOf(token, TestKeys.TestIssuer, Keys, Now), StringComparison.Ordinal);
        Assert.Null(TokenRules.FaultOf(token, TestKeys.TestIssuer, Keys, now: null));
    }

    [Fact]
    public void The_audience_must_match_if_one_is_required()
    {
        var token = Parse(Token());

        Assert.Null(TokenRules.FaultOf(token, TestKeys.TestIssuer, Keys, Now, "api://AzureADTokenExchange"));
        Assert.Contains("not for 'sts.amazonaws.com'", TokenRules.FaultOf(token, TestKeys.TestIssuer, Keys, Now, "sts.amazonaws.com"), StringComparison.Ordinal);
    }

    [Fact]
    public void One_audience_may_stand_as_a_text()
    {
        var token = Parse(Token(claims => claims["aud"] = "sts.amazonaws.com"));

        Assert.Equal(["sts.amazonaws.com"], token.Audiences);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not-a-jwt")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("a.b.c.d.e")]
    public void Text_that_is_no_token_is_not_parsed_as_one(string text) => Assert.False(JsonWebToken.TryParse(text, out _));

    private static void AssertFault(string? expected, string? actual)
    {
        if (expected is null)
        {
            Assert.Null(actual);
        }
        else
        {
            Assert.Contains(expected, actual, StringComparison.Ordinal);
        }
    }

    private static string? FaultOf(string token) => TokenRules.FaultOf(Parse(token), TestKeys.TestIssuer, Keys, Now);

    private static JsonWebToken Parse(string token)
    {
        Assert.True(JsonWebToken.TryParse(token + "\n", out var parsed));
        return parsed;
    }

    private static string Token(
        Action<JsonObject>? change = null, string? kid = null, string alg = "RS256", Func<byte[], byte[]>? sign = null)
    {
        var header = new JsonObject { ["alg"] = alg, ["kid"] = kid ?? Key.Kid };
        var claims = new JsonObject
        {
            ["iss"] = TestKeys.TestIssuer,
            ["sub"] = "system:serviceaccount:demo:reader",
            ["aud"] = new JsonArray("api://AzureADTokenExchange"),
            ["exp"] = Now.AddHours(1).ToUnixTimeSeconds(),
            ["nbf"] = Now.AddMinutes(-1).ToUnixTimeSeconds(),
        };
        change?.Invoke(claims);
        var signed = $"{Part(header)}.{Part(claims)}";
        sign ??= static data => TestKeys.Rsa(0).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Part(JsonObject json) => Base64Url.EncodeToString(TestKeys.Bytes(json));
}
