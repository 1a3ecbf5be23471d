namespace ClusterTrust.Oidc.Tests.Issuer;

/// <summary>Whatever a server serves in the place of a document: it is refused with a sentence, or accepted because it is valid. Nothing is thrown.</summary>
public sealed class HostileDocumentsTests
{
    private static readonly string Discovery = DiscoveryOf(TestIssuer).ToJsonString();
    private static readonly string Jwks = JwksOf(RsaKey(0), RsaKey(1)).ToJsonString();
    private static readonly JsonWebKeySet Keys = new([RsaKey(0), RsaKey(1)]);

    [Fact]
    public void Hostile_documents_of_an_API_server_are_refused_or_right()
    {
        foreach (var seed in Soak.Inputs(750))
        {
            var hostile = new HostileJson(seed);
            var (discovery, jwks) = seed % 2 == 0
                ? (hostile.Damage(Discovery), Encoding.UTF8.GetBytes(Jwks))
                : (Encoding.UTF8.GetBytes(Discovery), hostile.Damage(Jwks));

            try
            {
                var issuer = Check(discovery, jwks, TestIssuer, ["127.0.0.1"]);
                Assert.Equal(TestIssuer, issuer.Issuer);
                Assert.All(issuer.Keys.Keys.Where(static key => key.IsKnownType), static key => Assert.NotEmpty(key.ExportSubjectPublicKeyInfo()));
                Assert.Contains(issuer.Keys.Keys, static key => key.IsKnownType);
                Assert.All(issuer.Warnings, AssertIsOneShortLine);
            }
            catch (JobException refusal)
            {
                AssertIsOneShortLine(refusal.Message);
            }
        }
    }

    [Fact]
    public void Hostile_documents_of_the_public_site_are_faults_or_right()
    {
        var expected = new ExpectedPublication(TestIssuer, [TestIssuer + IssuerUrl.JwksPath], Keys);
        foreach (var seed in Soak.Inputs(750))
        {
            var hostile = new HostileJson(seed);
            var checks = new List<Check>();
            var discovery = PublicationRules.CheckDiscovery(Fetched(hostile.Damage(Discovery)), expected, checks);
            var keys = PublicationRules.CheckKeys(Fetched(hostile.Damage(Jwks)), expected, checks);
            Assert.True(discovery is null || discovery.Issuer == TestIssuer);
            Assert.True(keys is not null || checks.Any(static check => check.Result != CheckResult.Ok));
            Assert.All(checks.Select(static check => check.Sentence), AssertIsOneShortLine);
        }
    }

    [Fact]
    public void Hostile_files_of_the_repository_are_unreadable_or_right()
    {
        var layout = SiteLayout.For(TestIssuer, "example/cluster-a");
        var now = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
        var state = Encoding.UTF8.GetString(new PublishedState([new KeyState(RsaKey(1).Kid, RsaKey(1).Thumbprint, now, now)]).Write(TestIssuer));
        foreach (var seed in Soak.Inputs(500))
        {
            var hostile = new HostileJson(seed);
            var site = new PublishedSite(new Dictionary<string, ReadOnlyMemory<byte>>
            {
                [layout.DiscoveryPath] = seed % 3 == 0 ? hostile.Damage(Discovery) : Encoding.UTF8.GetBytes(Discovery),
                [layout.JwksPath] = seed % 3 == 1 ? hostile.Damage(Jwks) : Encoding.UTF8.GetBytes(Jwks),
                [layout.StatePath] = seed % 3 == 2 ? hostile.Damage(state) : Encoding.UTF8.GetBytes(state),
            });

            var published = PublishedDocuments.Read(site, layout);
            var memory = published.State ?? PublishedState.Empty;
            var retention = KeyRetention.Decide(
                published.Keys ?? new JsonWebKeySet([]), new JsonWebKeySet([RsaKey(0)]), memory, isSealValid: true, new SitePlanOptions(), now);

            // Only served keys, keys in the trusted state, and keys that a person must accept.
            Assert.True(retention.Keys.Contains(RsaKey(0).Kid));
            Assert.All(retention.Keys.Keys, key => Assert.True(
                key.Kid == RsaKey(0).Kid || memory.Find(key) is not null || retention.Unknown.Any(unknown => unknown.Kid == key.Kid)));
        }
    }

    [Fact]
    public void Hostile_tokens_are_no_tokens_or_not_accepted()
    {
        const string header = """{"alg":"RS256","kid":"kid-1","typ":"JWT"}""";
        var claims = $$"""{"iss":"{{TestIssuer}}","sub":"system:serviceaccount:a:b","aud":["x"],"exp":1900000000,"nbf":1700000000,"iat":1700000000}""";
        var keys = new JsonWebKeySet([RsaKey(0, "kid-1")]);
        foreach (var seed in Soak.Inputs(750))
        {
            var hostile = new HostileJson(seed);
            var compact = TokenOf(
                seed % 2 == 0 ? hostile.Damage(header) : Encoding.UTF8.GetBytes(header),
                seed % 2 == 0 ? Encoding.UTF8.GetBytes(claims) : hostile.Damage(claims));

            // Well signed, so that the claims are what decides.
            if (JsonWebToken.TryParse(compact, out var token)
                && TokenRules.FaultOf(token, TestIssuer, keys, DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), "x") is { } fault)
            {
                AssertIsOneShortLine(fault);
            }
        }
    }

    private static FetchedDocument Fetched(byte[] bytes) => new(new Uri(TestIssuer), 200, bytes) { ContentType = "application/json" };

    private static void AssertIsOneShortLine(string sentence)
    {
        Assert.InRange(sentence.Length, 10, 4000);
        Assert.DoesNotContain(sentence, char.IsControl);
    }
}
