namespace ClusterTrust.Oidc.Tests.Issuer;

public sealed class TokenRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonWebKey Key = RsaKey(0);

    private static readonly Func<byte[], byte[]> SignWithAnotherKey = static data => Sign(1, data);
    private static readonly Func<byte[], byte[]> SignWithTheModulus = static data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key.Members[1].Value), data);

    /// <summary>What differs from a valid token: its header, its claims, its signature; and why it is not accepted.</summary>
    public static TheoryData<string, string, Func<byte[], byte[]>?, string?> Tokens => new()
    {
        { "{}", "{}", null, null },
        { """{"kid":"other"}""", "{}", null, "signed by the key 'other'" },
        { """{"kid":null}""", "{}", null, "names no key (kid)" },
        { """{"alg":"HS256"}""", "{}", SignWithTheModulus, "does not verify" },
        { "{}", "{}", SignWithAnotherKey, "does not verify" },
        { "{}", $$"""{"iss":"{{TestIssuer}}/"}""", null, "the only difference is a trailing slash" },
        { "{}", """{"aud":"sts.amazonaws.com"}""", null, "is for sts.amazonaws.com and not for 'api://AzureADTokenExchange'" },
        { "{}", """{"aud":null}""", null, "is for no audience and not for" },
        { "{}", $$"""{"exp":{{Now.AddSeconds(-301).ToUnixTimeSeconds()}}}""", null, "expired at 2026-03-01T11:54:59Z" },
        { "{}", $$"""{"exp":{{Now.AddSeconds(-299).ToUnixTimeSeconds()}}}""", null, null },
        { "{}", """{"exp":0}""", null, "expired at 1970" },
        { "{}", """{"exp":253402300799}""", null, null },
        { "{}", """{"exp":1e300}""", null, "no time of expiry" },
        { "{}", """{"exp":null}""", null, "no time of expiry" },
        { "{}", $$"""{"nbf":{{Now.AddSeconds(301).ToUnixTimeSeconds()}}}""", null, "not valid before 2026-03-01T12:05:01Z" },
        { "{}", $$"""{"nbf":{{Now.AddSeconds(299).ToUnixTimeSeconds()}}}""", null, null },
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public void A_token_is_accepted_as_by_a_cloud(string header, string claims, Func<byte[], byte[]>? sign, string? fault)
    {
        var found = FaultOf(Token(header, claims, sign), Key);
        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void An_EC_token_verifies_with_its_curve()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var key = ToKey(ecdsa, "P-384");

        Assert.Null(FaultOf(Token($$"""{"kid":"{{key.Kid}}","alg":"ES384"}""", "{}", data => ecdsa.SignData(data, HashAlgorithmName.SHA384)), key));
    }

    [Fact]
    public void A_changed_claim_breaks_the_signature()
    {
        var (token, changed) = (Token("{}", "{}").Split('.'), Token("{}", """{"sub":"system:serviceaccount:demo:admin"}""").Split('.'));

        Assert.Contains("does not verify", FaultOf($"{token[0]}.{changed[1]}.{token[2]}", Key), StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_has_any_times_where_they_do_not_count()
    {
        Assert.True(JsonWebToken.TryParse(Token("{}", """{"exp":null}"""), out var token));

        Assert.Null(TokenRules.FaultOf(token, TestIssuer, new JsonWebKeySet([Key]), now: null));
    }

    private static string? FaultOf(string token, JsonWebKey key)
    {
        Assert.True(JsonWebToken.TryParse(token, out var parsed));
        return TokenRules.FaultOf(parsed, TestIssuer, new JsonWebKeySet([key]), Now, "api://AzureADTokenExchange");
    }

    private static string Token(string header, string claims, Func<byte[], byte[]>? sign = null) => TokenOf(
        Bytes(Patched(new JsonObject { ["alg"] = "RS256", ["kid"] = Key.Kid }, header)),
        Bytes(Patched(
            new JsonObject
            {
                ["iss"] = TestIssuer,
                ["sub"] = "system:serviceaccount:demo:reader",
                ["aud"] = new JsonArray("api://AzureADTokenExchange"),
                ["exp"] = Now.AddHours(1).ToUnixTimeSeconds(),
                ["nbf"] = Now.AddMinutes(-1).ToUnixTimeSeconds(),
            },
            claims)),
        sign);
}
