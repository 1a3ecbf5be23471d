using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Tests.Issuer;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc.Tests.Verification;

public sealed class PublicationRulesTests
{
    private const string Issuer = TestKeys.TestIssuer;
    private static readonly Uri Url = new(Issuer + IssuerDocuments.DiscoveryPath);
    private static readonly JsonWebKey First = TestKeys.RsaKey(0);
    private static readonly JsonWebKey Second = TestKeys.RsaKey(1);

    [Fact]
    public void A_good_document_is_understood_and_its_content_type_and_age_are_told()
    {
        var (document, check) = Discovery(Fetched(TestKeys.DiscoveryOf(Issuer)) with
        {
            ContentType = "application/octet-stream",
            Age = TimeSpan.FromSeconds(12),
            MaxAge = TimeSpan.FromSeconds(600),
        });

        Assert.Equal(Issuer, document!.Issuer);
        Assert.Equal(
            new Check("discovery document", CheckResult.Ok, $"{Url} is served with 200 as application/octet-stream, 12 s old and cached for 600 s"),
            check);
    }

    [Theory]
    [InlineData(404, CheckResult.Fault, "neither a missing .nojekyll nor the deploying workflow drops dot-folders")]
    [InlineData(401, CheckResult.Fault, "it must be open to everybody")]
    [InlineData(403, CheckResult.Fault, "it must be open to everybody")]
    [InlineData(204, CheckResult.Fault, "was answered with 204 and not 200")]
    [InlineData(429, CheckResult.Unreachable, "try again later")]
    [InlineData(500, CheckResult.Unreachable, "try again later")]
    [InlineData(503, CheckResult.Unreachable, "try again later")]
    public void Every_other_status_has_its_cause_and_its_cure(int status, CheckResult result, string sentence)
    {
        var (document, check) = Discovery(new FetchedDocument(Url, status, default));

        Assert.Null(document);
        Assert.Equal(result, check.Result);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void No_answer_is_the_network_s_fault_and_a_redirect_elsewhere_the_site_s()
    {
        Assert.Equal(CheckResult.Unreachable, Discovery(new FetchedDocument(Url, 0, default) { Fault = "It broke." }).Check.Result);
        Assert.Equal(CheckResult.Fault, Discovery(new FetchedDocument(Url, 302, default) { Fault = "It leads elsewhere." }).Check.Result);
    }

    [Theory]
    [InlineData(Issuer + "/", "the only difference is a trailing slash")]
    [InlineData("https://example.github.io/cluster-b", "they differ at character 35: 'a' is expected, 'b' is there")]
    public void Another_issuer_is_pointed_at_by_the_character(string issuer, string sentence)
    {
        var (document, check) = Discovery(Fetched(TestKeys.DiscoveryOf(issuer)));

        Assert.Null(document);
        Assert.Equal(CheckResult.Fault, check.Result);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html><title>Sign in</title>", "is HTML or XML, not JSON")]
    [InlineData("{", "is truncated")]
    [InlineData("", "is empty")]
    public void Something_else_in_its_place_is_told(string content, string sentence)
    {
        var check = Discovery(new FetchedDocument(Url, 200, Encoding.UTF8.GetBytes(content))).Check;

        Assert.Equal(CheckResult.Fault, check.Result);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_jwks_uri_without_TLS_is_a_fault()
    {
        var discovery = TestKeys.DiscoveryOf(Issuer);
        discovery["jwks_uri"] = "http://example.github.io/cluster-a/openid/v1/jwks";

        Assert.Contains("is no https:// URL", Discovery(Fetched(discovery)).Check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void More_keys_than_expected_are_those_that_are_kept()
    {
        var check = KeySet(Fetched(TestKeys.JwksOf(TestKeys.Jwk(First), TestKeys.Jwk(Second))), First);

        Assert.Equal(CheckResult.Ok, check.Result);
        Assert.Contains("1 expected keys are there, and 1 more", check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_key_is_a_cache_s_matter_as_long_as_one_may_serve_an_earlier_copy()
    {
        var fetched = Fetched(TestKeys.JwksOf(TestKeys.Jwk(First)));

        var stale = KeySet(fetched with { Age = TimeSpan.FromSeconds(100), MaxAge = TimeSpan.FromSeconds(600) }, First, Second);
        Assert.Equal(CheckResult.Stale, stale.Result);
        Assert.Contains("(100 s old), which it may for 500 more seconds", stale.Sentence, StringComparison.Ordinal);

        var missing = KeySet(fetched with { Age = TimeSpan.FromSeconds(600), MaxAge = TimeSpan.FromSeconds(600) }, First, Second);
        Assert.Equal(CheckResult.Fault, missing.Result);
        Assert.Contains($"lacks '{Second.Kid}': run 'oidc publish'", missing.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_key_under_an_expected_kid_is_a_missing_one() =>
        Assert.Equal(CheckResult.Fault, KeySet(Fetched(TestKeys.JwksOf(TestKeys.Jwk(TestKeys.RsaKey(1, First.Kid)))), First).Result);

    [Fact]
    public void A_private_member_in_public_is_a_fault_whose_value_is_not_shown()
    {
        var jwk = TestKeys.Jwk(First);
        jwk["d"] = "c2VjcmV0";

        var check = KeySet(Fetched(TestKeys.JwksOf(jwk)), First);

        Assert.Equal(CheckResult.Fault, check.Result);
        Assert.DoesNotContain("c2VjcmV0", check.Sentence, StringComparison.Ordinal);
    }

    private static FetchedDocument Fetched(JsonNode json) => new(Url, 200, TestKeys.Bytes(json));

    private static (DiscoveryDocument? Document, Check Check) Discovery(FetchedDocument fetched)
    {
        var checks = new List<Check>();
        return (PublicationRules.CheckDiscovery(fetched, Issuer, checks), checks[0]);
    }

    private static Check KeySet(FetchedDocument fetched, params JsonWebKey[] expected)
    {
        var checks = new List<Check>();
        PublicationRules.CheckKeys(fetched, new JsonWebKeySet(expected), checks);
        return checks.Where(check => check.Result != CheckResult.Warning).Single();
    }
}
