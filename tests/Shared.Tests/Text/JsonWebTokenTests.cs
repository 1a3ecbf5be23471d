namespace ClusterTrust.Shared.Tests.Text;

public sealed class JsonWebTokenTests
{
    private const string Header = """{"alg":"RS256","kid":"k1"}""";

    [Fact]
    public void The_public_members_are_read()
    {
        var compact = Make(Header, """{"iss":"https://issuer.example","sub":"system:serviceaccount:a:b","aud":["x","y"],"exp":1800000000,"nbf":1700000000.5}""");
        Assert.True(JsonWebToken.TryParse(compact + "\n", out var token));
        Assert.Equal(("RS256", "k1", "https://issuer.example", "system:serviceaccount:a:b"), (token.Alg, token.Kid, token.Issuer, token.Subject));
        Assert.Equal(["x", "y"], token.Audiences);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), token.ExpiresAt);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_500), token.NotBefore);
        Assert.Equal(compact[..compact.LastIndexOf('.')], Encoding.ASCII.GetString(token.SignedPart.Span));
        Assert.Equal("sig"u8, token.Signature.Span);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"iss":1,"sub":null,"aud":{},"exp":"soon","nbf":-1}""")]
    [InlineData("""{"exp":1e300,"nbf":253402300800,"aud":[1,null]}""")]
    public void Absent_and_odd_claims_are_absent(string claims)
    {
        Assert.True(JsonWebToken.TryParse(Make(Header, claims), out var token));
        Assert.Equal((null, null, null, null), (token.Issuer, token.Subject, token.ExpiresAt, token.NotBefore));
        Assert.Empty(token.Audiences);
    }

    public static TheoryData<string?> NoTokens => new(
    [
        null, "", "opaque", "a.b.c", "..", "a.b", "a.b.c.d.e",
        Make("{}", "{}"), Make("[]", "{}"), Make(Header, "[]"), Make(Header, "{}x"), Make(Header, "1"), Make("""{"alg":1}""", "{}"),
        Make(Header, """{"sub":"a","sub":"b"}"""), Make("""{"alg":"none","alg":"RS256"}""", "{}"), Make(Header, """{"sub":"\ud800"}"""),
        Make(Header, string.Concat(Enumerable.Repeat("""{"a":""", 40)) + "1" + new string('}', 40)),
        Make(Header, "{}") + "=", Make(Header, "{}") + " x", Make(Header, "{}").Insert(3, "\n"),
        // A stray bit behind the last byte: another spelling of the same signature.
        Make(Header, "{}", "sign")[..^1] + "h",
        Make(Header, $$"""{"sub":"{{new string('a', JsonWebToken.MaxLength)}}"}"""),
    ]);

    [Theory]
    [MemberData(nameof(NoTokens))]
    public void Anything_else_is_no_token(string? compact) => Assert.False(JsonWebToken.TryParse(compact, out _));

    private static string Make(string header, string claims, string signature = "sig") =>
        string.Join('.', new[] { header, claims, signature }.Select(static part => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part))));
}
