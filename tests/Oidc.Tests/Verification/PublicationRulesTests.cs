using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Oidc.Tests.Issuer;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc.Tests.Verification;

public sealed class PublicationRulesTests
{
    private const string Issuer = TestKeys.TestIssuer;
    private static readonly Uri Url = new(Issuer + IssuerUrl.DiscoveryPath);
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonWebKey First = TestKeys.RsaKey(0);
    private static readonly JsonWebKey Second = TestKeys.RsaKey(1);

    [Fact]
    public void A_valid_document_is_reported_with_its_content_type_and_age()
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
    [InlineData(401, CheckResult.Fault, "it must be public")]
    [InlineData(403, CheckResult.Fault, "it must be public")]
    [InlineData(204, CheckResult.Fault, "was answered with 204 and not 200: another kind of server")]
    [InlineData(206, CheckResult.Fault, "only part of the document")]
    [InlineData(304, CheckResult.Fault, "although all of it was requested unconditionally")]
    [InlineData(405, CheckResult.Fault, "publish the documents as files of the site")]
    [InlineData(418, CheckResult.Fault, "was answered with 418 and not 200")]
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
    [InlineData("https://example.github.io/cluster-b", "they differ at character 35: expected 'a', found 'b'")]
    public void Another_issuer_is_pointed_at_by_the_character(string issuer, string sentence)
    {
        var (document, check) = Discovery(Fetched(TestKeys.DiscoveryOf(issuer)));

        Assert.Null(document);
        Assert.Equal(CheckResult.Unexpected, check.Result);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html><title>Sign in</title>", "is HTML or XML, not JSON")]
    [InlineData("{", "is truncated")]
    [InlineData("", "is empty")]
    public void Anything_but_a_JSON_document_is_an_error(string content, string sentence)
    {
        var check = Discovery(new FetchedDocument(Url, 200, Encoding.UTF8.GetBytes(content))).Check;

        Assert.Equal(CheckResult.Fault, check.Result);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://example.github.io/cluster-a/openid/v1/jwks", "they differ at character 5")]
    [InlineData("https://attacker.example/openid/v1/jwks", "clouds take the keys from there")]
    [InlineData("https://example.github.io/other/openid/v1/jwks", "they differ at character 27")]
    [InlineData("https://example.github.io:443/cluster-a/openid/v1/jwks", "the only difference is the port :443")]
    public void Any_other_jwks_uri_is_unexpected(string jwksUri, string sentence)
    {
        var discovery = TestKeys.DiscoveryOf(Issuer);
        discovery["jwks_uri"] = jwksUri;

        var (document, check) = Discovery(Fetched(discovery));

        Assert.Null(document);
        Assert.Equal(CheckResult.Unexpected, check.Result);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_API_server_s_own_jwks_uri_on_the_issuer_s_host_is_expected_too()
    {
        var discovery = TestKeys.DiscoveryOf(Issuer);
        discovery["jwks_uri"] = Issuer + "/keys.json";

        Assert.Equal(CheckResult.Ok, Discovery(Fetched(discovery)).Check.Result);
        Assert.Equal([Issuer + IssuerUrl.JwksPath, Issuer + "/keys.json"], ExpectedPublication.Of(TestKeys.Served(First) with { ServedJwksUri = Issuer + "/keys.json" }).JwksUris);
        Assert.Equal([Issuer + IssuerUrl.JwksPath], ExpectedPublication.Of(TestKeys.Served(First) with { ServedJwksUri = "https://10.0.0.1:6443/openid/v1/jwks" }).JwksUris);
    }

    [Fact]
    public void A_key_that_the_published_state_retains_is_expected_until_its_time_is_over()
    {
        var fetched = Fetched(TestKeys.JwksOf(TestKeys.Jwk(First), TestKeys.Jwk(Second)));
        var expected = Expected(First) with { Retention = TimeSpan.FromHours(24) };

        var kept = KeySet(fetched, expected, State(Now.AddHours(-48), Now.AddHours(-23)));
        Assert.Equal(CheckResult.Ok, kept.Result);
        Assert.Contains("1 expected key is there, and 1 more (kept until its retention is over", kept.Sentence, StringComparison.Ordinal);

        foreach (var (state, sentence) in new (PublishedState?, string)[]
        {
            (null, "it is not in the published state"),
            (PublishedState.Empty, "it is not in the published state"),
            (State(Now.AddHours(-48), Now.AddHours(-25)), "its retention is over since"),
            (State(Now.AddHours(1), null), "first seen in the future"),
            (State(Now.AddHours(-1), Now.AddHours(-2)), "removed before it was first seen"),
            (new PublishedState([], [new DroppedKey(Second.Kid, Now)]), "was dropped"),
            (new PublishedState([new KeyState(Second.Kid, First.Thumbprint, Now, null)]), "it is not in the published state"),
        })
        {
            var check = KeySet(fetched, expected, state);
            Assert.Equal(CheckResult.Unexpected, check.Result);
            Assert.Contains($"has the key '{Second.Kid}', which is not the cluster's", check.Sentence, StringComparison.Ordinal);
            Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
        }

        static PublishedState State(DateTimeOffset firstSeen, DateTimeOffset? removedAt) => new([new KeyState(Second.Kid, Second.Thumbprint, firstSeen, removedAt)]);
    }

    [Fact]
    public void After_a_publish_no_key_but_the_published_ones_is_expected_except_in_a_cache()
    {
        var fetched = Fetched(TestKeys.JwksOf(TestKeys.Jwk(First), TestKeys.Jwk(Second))) with { Age = TimeSpan.FromSeconds(100), MaxAge = TimeSpan.FromSeconds(600) };
        var state = new PublishedState([new KeyState(Second.Kid, Second.Thumbprint, Now, null)]);

        Assert.Equal(CheckResult.Unexpected, KeySet(fetched, Expected(First), state).Result);
        Assert.Equal(CheckResult.Stale, KeySet(fetched, Expected(First) with { RemovedKids = [Second.Kid] }, null).Result);
        Assert.Equal(CheckResult.Stale, KeySet(fetched, Expected(First) with { RemovedKids = [Second.Kid], DroppedKids = [Second.Kid] }, null).Result);
        Assert.Equal(CheckResult.Unexpected, KeySet(fetched with { MaxAge = null }, Expected(First) with { RemovedKids = [Second.Kid] }, null).Result);
        Assert.Equal(CheckResult.Unexpected, KeySet(fetched, Expected(First) with { DroppedKids = [Second.Kid] }, state).Result);
    }

    [Fact]
    public void However_many_removed_keys_a_cache_still_serves_they_are_stale()
    {
        using var curve = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var removed = Enumerable.Range(0, 7).Select(number => TestKeys.ToKey(curve, "P-256", $"removed-{number}")).ToArray();
        var fetched = Fetched(TestKeys.JwksOf([TestKeys.Jwk(First), .. removed.Select(TestKeys.Jwk)])) with { MaxAge = TimeSpan.FromSeconds(600) };
        var expected = Expected(First) with { RemovedKids = [.. removed.Select(static key => key.Kid)] };

        Assert.All(KeySets(fetched, expected, null), static check => Assert.Equal(CheckResult.Stale, check.Result));
        Assert.Equal(CheckResult.Unexpected, KeySets(fetched, expected with { RemovedKids = [.. expected.RemovedKids.Skip(1)] }, null).Max(static check => check.Result));
    }

    [Fact]
    public void An_invalid_entry_is_named_and_the_others_count()
    {
        var nameless = TestKeys.Jwk(Second);
        nameless["kid"] = "";

        var check = KeySet(Fetched(TestKeys.JwksOf(TestKeys.Jwk(First), nameless)), First);

        Assert.Equal(CheckResult.Unexpected, check.Result);
        Assert.Contains($"Key 2 of the key set at {Url} has no kid", check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_in_a_key_is_a_warning()
    {
        var certified = TestKeys.Jwk(First);
        certified["x5c"] = new JsonArray("AA");
        var checks = new List<Check>();

        Assert.NotNull(PublicationRules.CheckKeys(Fetched(TestKeys.JwksOf(certified)), Expected(First), checks));

        Assert.Contains("Google Cloud refuses a set with them: x5c", Assert.Single(checks, static check => check.Result == CheckResult.Warning).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unexpected_key_may_be_a_cache_s_for_some_time()
    {
        var fetched = Fetched(TestKeys.JwksOf(TestKeys.Jwk(First), TestKeys.Jwk(Second)));

        Assert.Contains(": unless you published it, someone else can write", KeySet(fetched, Expected(First), null).Sentence, StringComparison.Ordinal);
        var cached = KeySet(fetched with { MaxAge = TimeSpan.FromSeconds(600), Age = TimeSpan.FromSeconds(10) }, Expected(First), null);
        Assert.Equal(CheckResult.Unexpected, cached.Result);
        Assert.Contains(": if it is still so in 590 seconds, when no cache serves", cached.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_redirect_on_the_same_host_is_a_warning()
    {
        var checks = new List<Check>();
        PublicationRules.CheckDiscovery(Fetched(TestKeys.DiscoveryOf(Issuer)) with { RedirectedTo = new Uri(Issuer + "/elsewhere") }, Expected(), checks);

        Assert.Equal([CheckResult.Warning, CheckResult.Ok], checks.Select(check => check.Result));
    }

    [Fact]
    public void A_missing_age_is_reported_as_unknown() =>
        Assert.Contains(", of unknown age", Discovery(Fetched(TestKeys.DiscoveryOf(Issuer))).Check.Sentence, StringComparison.Ordinal);

    [Fact]
    public void A_missing_key_is_stale_while_a_cache_may_serve_an_earlier_copy()
    {
        var fetched = Fetched(TestKeys.JwksOf(TestKeys.Jwk(First)));

        var stale = KeySet(fetched with { Age = TimeSpan.FromSeconds(100), MaxAge = TimeSpan.FromSeconds(600) }, First, Second);
        Assert.Equal(CheckResult.Stale, stale.Result);
        Assert.Contains("(100 s old), which expires in 500 seconds", stale.Sentence, StringComparison.Ordinal);

        var missing = KeySet(fetched with { Age = TimeSpan.FromSeconds(600), MaxAge = TimeSpan.FromSeconds(600) }, First, Second);
        Assert.Equal(CheckResult.Fault, missing.Result);
        Assert.Contains($"lacks '{Second.Kid}': run 'oidc publish'", missing.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_key_under_an_expected_kid_is_unexpected() =>
        Assert.Equal(CheckResult.Unexpected, KeySet(Fetched(TestKeys.JwksOf(TestKeys.Jwk(TestKeys.RsaKey(1, First.Kid)))), First).Result);

    [Fact]
    public void A_published_private_member_is_named_without_its_value()
    {
        var jwk = TestKeys.Jwk(First);
        jwk["d"] = "c2VjcmV0";

        var check = KeySet(Fetched(TestKeys.JwksOf(jwk)), First);

        Assert.Equal(CheckResult.Unexpected, check.Result);
        Assert.DoesNotContain("c2VjcmV0", check.Sentence, StringComparison.Ordinal);
    }

    private static FetchedDocument Fetched(JsonNode json) => new(Url, 200, TestKeys.Bytes(json));

    private static (DiscoveryDocument? Document, Check Check) Discovery(FetchedDocument fetched)
    {
        var checks = new List<Check>();
        return (PublicationRules.CheckDiscovery(fetched, Expected(), checks), checks[0]);
    }

    private static Check KeySet(FetchedDocument fetched, params JsonWebKey[] expected)
    {
        return KeySet(fetched, Expected(expected), null);
    }

    private static Check KeySet(FetchedDocument fetched, ExpectedPublication expected, PublishedState? state) => KeySets(fetched, expected, state).Single();

    private static Check[] KeySets(FetchedDocument fetched, ExpectedPublication expected, PublishedState? state)
    {
        var checks = new List<Check>();
        if (PublicationRules.CheckKeys(fetched, expected, checks) is var (_, extra))
        {
            PublicationRules.CheckExtra(fetched, expected, extra, state is null ? new FetchedDocument(Url, 404, default) : new FetchedDocument(Url, 200, state.Write(Issuer)), Now, checks);
        }

        return [.. checks.Where(check => check.Result != CheckResult.Warning)];
    }

    private static ExpectedPublication Expected(params JsonWebKey[] keys) =>
        new(Issuer, [Issuer + IssuerUrl.JwksPath, Issuer + "/keys.json"], new JsonWebKeySet(keys));
}
