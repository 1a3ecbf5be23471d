namespace ClusterTrust.Oidc.Tests.Issuer;

/// <summary>What an API server, or a proxy in front of it, may serve as the key set and is never published.</summary>
public sealed class ServedDocumentTests
{
    private const string Secret = "c2VjcmV0LXZhbHVlLXRoYXQtbXVzdC1ub3QtYmUtc2hvd24";

    /// <summary>The members of a key that differ from those of an RSA key; null for one that is missing.</summary>
    public static TheoryData<string, string> Entries => new()
    {
        { """{"kty":"oct"}""", "is symmetric (kty 'oct')" },
        { """{"kid":null}""", "has no kid" },
        { """{"kid":""}""", "has no kid" },
        { """{"use":"enc"}""", "has the use 'enc' and not 'sig'" },
        { $$"""{"n":"{{new string('u', 170)}}w"}""", "has a modulus of 1024 bits" },
        { $$"""{"n":"AAAA{{new string('u', 340)}}"}""", "has an n or e with leading zeros" },
        { $$"""{"kty":"EC","alg":"ES256","crv":"P-256","x":"{{new string('B', 42)}}A","y":"{{new string('B', 42)}}A"}""", "is not a point on P-256" },
        { """{"alg":"ES256"}""", "has the alg 'ES256', which is not a signature algorithm of RSA keys" },
        { """{"kty":"EC","crv":"secp256k1"}""", "has the crv 'secp256k1'; it must be P-256, P-384 or P-521" },
        { """{"kty":"XYZ","pub":{"a":"b"}}""", "which is not a string" },
        { """{"kty":"XYZ","pub":["a"]}""", "which is not a string" },
        { """{"kty":"XYZ","pem":"-----BEGIN EC \u0050RIVATE KEY-----\nM"}""", "private key material (a member 'pem')" },
        { """{"kty":"XYZ","n":null,"e":null}""", "0 other members" },
        { """{"kty":null}""", "has no kty" },
        { """{"kty":"XYZ","use":"enc"}""", "has the use 'enc'" },
        { """{"kty":"XYZ","alg":"none"}""", "whose tokens are made without a private key" },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void A_key_that_no_issuer_has_is_refused(string members, string sentence) =>
        Refuses(sentence, JwksOf(Jwk(RsaKey(1)), Patched(Jwk(RsaKey(0)), members)));

    public static TheoryData<string> PrivateMembers => ["d", "p", "q", "dp", "dq", "qi", "k", "oth", "priv", "seed", "PrivateKey", "clientSecret"];

    [Theory]
    [MemberData(nameof(PrivateMembers))]
    public void A_private_member_of_any_type_is_refused_and_its_value_not_shown(string member)
    {
        foreach (var type in new[] { "RSA", "oct", "OKP", "XYZ" })
        {
            Refuses(
                $"contains private key material (a member '{member}')",
                JwksOf(Jwk(RsaKey(1)), Patched(Jwk(RsaKey(0)), $$"""{"kty":"{{type}}","{{member}}":"{{Secret}}"}""")));
        }
    }

    [Theory]
    [InlineData("""{"keys":[]}""", "is empty; publishing it would invalidate every trust")]
    [InlineData("""{"keys":"none"}""", "has no array 'keys'; its members are: keys.")]
    [InlineData("{}", "has no array 'keys'; it has no members.")]
    [InlineData("""{"keys":[],"keys":[]}""", "has the member 'keys' twice")]
    [InlineData("""{"keys":[""", "is truncated: it ends after 9 bytes")]
    [InlineData("", "is empty")]
    [InlineData("""{"keys": nonsense}""", "is not valid JSON at line 1")]
    [InlineData("<html><head><title>Sign in</title></head></html>", "is HTML or XML, not JSON", "text/html")]
    [InlineData("""{"keys":[]}""", "has the content type text/html, not JSON", "text/html")]
    [InlineData("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"no","code":403}""", "was answered with 200 but contains an error: Forbidden: no")]
    [InlineData("""{"error":"invalid_request","error_description":"no"}""", "was answered with 200 but contains an error: invalid_request")]
    [InlineData("\ufeff{}", "starts with a byte order mark")]
    public void Something_else_in_the_place_of_the_key_set_is_refused(string body, string sentence, string contentType = "application/jwk-set+json") =>
        Assert.Fault(ExitCode.Refused, sentence, () => Check(Bytes(DiscoveryOf(TestIssuer)), Encoding.UTF8.GetBytes(body), contentType: contentType));

    [Fact]
    public void Invalid_entries_are_counted_and_five_are_named()
    {
        var refusal = Refuses("Key 5 of the key set at", JwksOf([.. Enumerable.Range(0, 5000).Select(static _ => new JsonObject())]));
        Assert.Contains("4995 more entries are invalid", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 100, 2000);
    }

    [Fact]
    public void Different_keys_under_one_kid_are_refused() =>
        Refuses("has different keys under the kid 'same'", JwksOf(RsaKey(0, "same"), RsaKey(1, "same")));

    [Fact]
    public void Nothing_but_unknown_key_types_is_refused() =>
        Refuses("has no key of a type that clouds accept", JwksOf(Patched(Jwk(RsaKey(0)), """{"kty":"AKP"}""")));

    private static JobException Refuses(string sentence, JsonObject keys)
    {
        var refusal = Assert.Fault(ExitCode.Refused, sentence, () => Check(jwks: keys));
        Assert.DoesNotContain(Secret, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }
}
