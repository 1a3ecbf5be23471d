namespace ClusterTrust.Oidc.Tests.Verification;

public sealed class PublicationRulesTests
{
    private static readonly Uri Url = new(TestIssuer + IssuerUrl.DiscoveryPath);
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonWebKey First = RsaKey(0);
    private static readonly JsonWebKey Second = RsaKey(1);

    [Fact]
    public void A_valid_document_is_reported_with_its_content_type_and_age()
    {
        var fetched = Fetched(DiscoveryOf(TestIssuer)) with { ContentType = "application/octet-stream" };
        Assert.Equal(
            new Check("discovery document", CheckResult.Ok, $"{Url} is served with 200 as application/octet-stream, 12 s old and cached for 600 s"),
            Discovery(Cached(fetched, 12)));
        Assert.Contains(", of unknown age", Discovery(fetched).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, CheckResult.Fault, "neither a missing .nojekyll nor the deploying workflow drops dot-folders")]
    [InlineData(401, CheckResult.Fault, "it must be public")]
    [InlineData(403, CheckResult.Fault, "it must be public")]
    [InlineData(204, CheckResult.Fault, "was answered with 204 and not 200: only part of the document, or nothing")]
    [InlineData(206, CheckResult.Fault, "only part of the document")]
    [InlineData(304, CheckResult.Fault, "although all of it was requested unconditionally")]
    [InlineData(405, CheckResult.Fault, "publish the documents as files of the site")]
    [InlineData(418, CheckResult.Fault, "was answered with 418 and not 200")]
    [InlineData(429, CheckResult.Unreachable, "try again later")]
    [InlineData(500, CheckResult.Unreachable, "try again later")]
    [InlineData(503, CheckResult.Unreachable, "try again later")]
    public void Every_other_status_has_its_cause_and_its_cure(int status, CheckResult result, string sentence) =>
        AssertIs(result, sentence, Discovery(new FetchedDocument(Url, status, default)));

    [Fact]
    public void No_answer_is_the_network_s_fault_and_a_redirect_elsewhere_the_site_s()
    {
        AssertIs(CheckResult.Unreachable, "It broke.", Discovery(new FetchedDocument(Url, 0, default) { Fault = "It broke." }));
        AssertIs(CheckResult.Fault, "It leads elsewhere.", Discovery(new FetchedDocument(Url, 302, default) { Fault = "It leads elsewhere." }));
    }

    [Theory]
    [InlineData("<html><title>Sign in</title>", "is HTML or XML, not JSON"), InlineData("{", "is truncated"), InlineData("", "is empty")]
    public void Anything_but_a_JSON_document_is_an_error(string content, string sentence) =>
        AssertIs(CheckResult.Fault, sentence, Discovery(new FetchedDocument(Url, 200, Encoding.UTF8.GetBytes(content))));

    [Theory]
    [InlineData("issuer", TestIssuer + "/", "the only difference is a trailing slash")]
    [InlineData("issuer", "https://example.github.io/cluster-b", "they differ at character 35: expected 'a', found 'b'")]
    [InlineData("jwks_uri", "http://example.github.io/cluster-a/openid/v1/jwks", "they differ at character 5")]
    [InlineData("jwks_uri", "https://attacker.example/openid/v1/jwks", "clouds take the keys from there")]
    [InlineData("jwks_uri", "https://example.github.io/other/openid/v1/jwks", "they differ at character 27")]
    [InlineData("jwks_uri", "https://example.github.io:443/cluster-a/openid/v1/jwks", "the only difference is the port :443")]
    public void Another_issuer_and_any_other_jwks_uri_are_unexpected(string member, string value, string sentence) =>
        AssertIs(CheckResult.Unexpected, sentence, Discovery(Fetched(Patched(DiscoveryOf(TestIssuer), $$"""{"{{member}}":"{{value}}"}"""))));

    [Fact]
    public void The_API_server_s_own_jwks_uri_on_the_issuer_s_host_is_expected_too()
    {
        Assert.Equal(CheckResult.Ok, Discovery(Fetched(Patched(DiscoveryOf(TestIssuer), $$"""{"jwks_uri":"{{TestIssuer}}/keys.json"}"""))).Result);
        Assert.Equal([TestIssuer + IssuerUrl.JwksPath, TestIssuer + "/keys.json"], ExpectedPublication.Of(Served(First) with { ServedJwksUri = TestIssuer + "/keys.json" }).JwksUris);
        Assert.Equal([TestIssuer + IssuerUrl.JwksPath], ExpectedPublication.Of(Served(First) with { ServedJwksUri = "https://10.0.0.1:6443/openid/v1/jwks" }).JwksUris);
    }

    [Fact]
    public void A_redirect_on_the_same_host_is_a_warning()
    {
        var checks = new List<Check>();
        PublicationRules.CheckDiscovery(Fetched(DiscoveryOf(TestIssuer)) with { RedirectedTo = new Uri(TestIssuer + "/elsewhere") }, Expected(), checks);
        Assert.Equal([CheckResult.Warning, CheckResult.Ok], checks.Select(check => check.Result));
    }

    [Fact]
    public void A_key_that_the_published_state_retains_is_expected_until_its_time_is_over()
    {
        var fetched = Fetched(JwksOf(First, Second));
        var expected = Expected(First) with { Retention = TimeSpan.FromHours(24) };

        AssertIs(CheckResult.Ok, "1 expected key is there, and 1 more (kept until its retention is over", KeySet(fetched, expected, State(-48, -23)));

        AssertUnexpected("it is not in the published state", null);
        AssertUnexpected("it is not in the published state", PublishedState.Empty);
        AssertUnexpected("it is not in the published state", new PublishedState([new KeyState(Second.Kid, First.Thumbprint, Now, null)]));
        AssertUnexpected("its retention is over since", State(-48, -25));
        AssertUnexpected("first seen in the future", State(1, null));
        AssertUnexpected("removed before it was first seen", State(-1, -2));
        AssertUnexpected("was dropped", new PublishedState([], [new DroppedKey(Second.Kid, Now)]));

        static PublishedState State(int firstSeen, int? removed) =>
            new([new KeyState(Second.Kid, Second.Thumbprint, Now.AddHours(firstSeen), removed is { } hours ? Now.AddHours(hours) : null)]);

        void AssertUnexpected(string reason, PublishedState? state)
        {
            var check = KeySet(fetched, expected, state);
            AssertIs(CheckResult.Unexpected, $"has the key '{Second.Kid}', which is not the cluster's", check);
            AssertIs(CheckResult.Unexpected, reason, check);
        }
    }

    [Fact]
    public void After_a_publish_no_key_but_the_published_ones_is_expected_except_in_a_cache()
    {
        var fetched = Cached(Fetched(JwksOf(First, Second)), 100);
        var state = new PublishedState([new KeyState(Second.Kid, Second.Thumbprint, Now, null)]);
        Assert.Equal(CheckResult.Unexpected, KeySet(fetched, Expected(First), state).Result);
        Assert.Equal(CheckResult.Stale, KeySet(fetched, Expected(First) with { RemovedKids = [Second.Kid] }, null).Result);
        Assert.Equal(CheckResult.Stale, KeySet(fetched, Expected(First) with { RemovedKids = [Second.Kid], DroppedKids = [Second.Kid] }, null).Result);
        Assert.Equal(CheckResult.Unexpected, KeySet(fetched with { MaxAge = null }, Expected(First) with { RemovedKids = [Second.Kid] }, null).Result);
        Assert.Equal(CheckResult.Unexpected, KeySet(fetched, Expected(First) with { DroppedKids = [Second.Kid] }, state).Result);
        AssertIs(CheckResult.Unexpected, $"'{Second.Kid}' of --drop-key is still served by the API server", KeySet(fetched, Expected(First, Second) with { DroppedKids = [Second.Kid] }));
    }

    [Fact]
    public void However_many_removed_keys_a_cache_still_serves_they_are_stale()
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var removed = Enumerable.Range(0, 7).Select(number => ToKey(curve, "P-256", $"removed-{number}")).ToArray();
        var fetched = Fetched(JwksOf([First, .. removed])) with { MaxAge = TimeSpan.FromSeconds(600) };
        var expected = Expected(First) with { RemovedKids = [.. removed.Select(static key => key.Kid)] };
        Assert.All(KeySets(fetched, expected, null), static check => Assert.Equal(CheckResult.Stale, check.Result));
        Assert.Equal(CheckResult.Unexpected, KeySets(fetched, expected with { RemovedKids = [.. expected.RemovedKids.Skip(1)] }, null).Max(static check => check.Result));
    }

    [Fact]
    public void A_certificate_in_a_key_and_a_repeated_key_are_warnings()
    {
        var checks = new List<Check>();

        Assert.NotNull(PublicationRules.CheckKeys(Fetched(JwksOf(Patched(Jwk(First), """{"x5c":["AA"]}"""), Jwk(First))), Expected(First), checks));

        Assert.Equal(
            [
                $"The key '{First.Kid}' at {Url} is served with members that are no part of the key (x5c): Google Cloud refuses the whole set for certificates, so run 'oidc publish'.",
                $"The key '{First.Kid}' is served more than once at {Url}: run 'oidc publish'.",
            ],
            checks.Where(static check => check.Result == CheckResult.Warning).Select(static check => check.Sentence));
    }

    [Fact]
    public void A_missing_or_an_unexpected_key_may_be_a_cache_s_for_some_time()
    {
        var (one, both) = (Fetched(JwksOf(First)), Fetched(JwksOf(First, Second)));
        AssertIs(CheckResult.Stale, "(100 s old), which expires in 500 seconds", KeySet(Cached(one, 100), Expected(First, Second)));
        AssertIs(CheckResult.Fault, $"lacks '{Second.Kid}': run 'oidc publish'", KeySet(Cached(one, 600), Expected(First, Second)));
        AssertIs(CheckResult.Unexpected, ": unless you published it, someone else can write", KeySet(both, Expected(First)));
        AssertIs(CheckResult.Unexpected, ": if it is still so in 590 seconds, when no cache serves", KeySet(Cached(both, 10), Expected(First)));
    }

    /// <summary>How an entry of the published key set differs from the cluster's only key.</summary>
    [Theory]
    [InlineData("""{"kid":""}""", "Key 1 of the key set at https://example.github.io/cluster-a/.well-known/openid-configuration has no kid")]
    [InlineData("""{"n":"OTHER"}""", "has another key than the cluster's, or another alg, under the kid")]
    [InlineData("""{"alg":"RS512"}""", "has another key than the cluster's, or another alg, under the kid")]
    [InlineData("""{"d":"c2VjcmV0"}""", "contains private key material (a member 'd')")]
    public void An_entry_that_somebody_changed_is_unexpected(string members, string sentence)
    {
        var jwk = Patched(Jwk(First), members.Replace("OTHER", Second.Members[1].Value, StringComparison.Ordinal));
        var checks = new List<Check>();
        PublicationRules.CheckKeys(Fetched(JwksOf(jwk)), Expected(First), checks);
        var check = checks.Find(check => check.Result == CheckResult.Unexpected)!;
        AssertIs(CheckResult.Unexpected, sentence, check);
        Assert.DoesNotContain("c2VjcmV0", check.Sentence, StringComparison.Ordinal);
    }

    private static void AssertIs(CheckResult result, string sentence, Check check)
    {
        Assert.Equal(result, check.Result);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    private static FetchedDocument Fetched(JsonNode json) => new(Url, 200, Bytes(json));

    private static FetchedDocument Cached(FetchedDocument fetched, int seconds) => fetched with { Age = TimeSpan.FromSeconds(seconds), MaxAge = TimeSpan.FromSeconds(600) };

    private static Check Discovery(FetchedDocument fetched)
    {
        var checks = new List<Check>();
        var document = PublicationRules.CheckDiscovery(fetched, Expected(), checks);
        Assert.Equal(checks[0].Result == CheckResult.Ok, document?.Issuer == TestIssuer);
        return checks[0];
    }

    private static Check KeySet(FetchedDocument fetched, ExpectedPublication expected, PublishedState? state = null) => KeySets(fetched, expected, state).Single();

    private static Check[] KeySets(FetchedDocument fetched, ExpectedPublication expected, PublishedState? state)
    {
        var checks = new List<Check>();
        if (PublicationRules.CheckKeys(fetched, expected, checks) is var (_, extra))
        {
            PublicationRules.CheckExtra(fetched, expected, extra, state is null ? new FetchedDocument(Url, 404, default) : new FetchedDocument(Url, 200, state.Write(TestIssuer)), Now, checks);
        }

        return [.. checks.Where(check => check.Result != CheckResult.Warning)];
    }

    private static ExpectedPublication Expected(params JsonWebKey[] keys) =>
        new(TestIssuer, [TestIssuer + IssuerUrl.JwksPath, TestIssuer + "/keys.json"], new JsonWebKeySet(keys));
}
