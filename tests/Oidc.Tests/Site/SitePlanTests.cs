namespace ClusterTrust.Oidc.Tests.Site;

public sealed class SitePlanTests
{
    internal static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    internal static readonly SiteLayout Layout = SiteLayout.For(TestIssuer, "example/cluster-a");

    internal static readonly JsonWebKey First = RsaKey(0);
    internal static readonly JsonWebKey Second = RsaKey(1);

    /// <summary>The site after the first key, or both, were published.</summary>
    internal static readonly PublishedSite OfFirst = Apply(PublishedSite.Empty, Served(First));
    internal static readonly PublishedSite OfBoth = Apply(PublishedSite.Empty, Served(First, Second));

    [Fact]
    public void The_first_publish_writes_everything_and_lists_the_keys()
    {
        var plan = Plan(PublishedSite.Empty, Served(First));
        Assert.Equal(
            [".nojekyll", ".well-known/openid-configuration", "index.html", "openid/v1/jwks", "openid/v1/jwks-state.json"],
            plan.Files.Select(f => f.Path).Order(StringComparer.Ordinal));
        Assert.Equal([First.Kid], plan.Retention.Added);
        Assert.Equal($"Add a key to the issuer {TestIssuer}", plan.CommitSubject);
        Assert.Contains($"Added:\n- {First.Kid}\n", plan.CommitBody, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_was_applied_leaves_nothing_to_do() => Assert.True(Plan(OfBoth, Served(Second, First), Start.AddDays(100)).IsEmpty);

    [Fact]
    public void Equal_documents_in_another_order_are_no_change()
    {
        var shuffled = JwksOf(new(Jwk(Second).Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))), Jwk(First));
        Assert.True(Plan(With(OfBoth, Layout.JwksPath, Bytes(shuffled)), Served(First, Second)).IsEmpty);
    }

    /// <summary>Google Cloud refuses a whole set for a certificate in it.</summary>
    [Fact]
    public void A_published_set_with_a_certificate_or_a_key_twice_is_written_anew() => Assert.All([JwksOf(Patched(Jwk(First), """{"x5c":["AA"]}""")), JwksOf(First, First)], static keys =>
    {
        var file = Assert.Single(Plan(With(OfFirst, Layout.JwksPath, Bytes(keys)), Served(First)).Files);
        Assert.True(file.Content.Span.SequenceEqual(OfFirst.Find(Layout.JwksPath)!.Value.Span));
    });

    [Fact]
    public void A_new_key_is_added_at_once()
    {
        var plan = Plan(OfFirst, Served(First, Second));
        Assert.Equal([Second.Kid], plan.Retention.Added);
        Assert.Equal([First.Kid], plan.Retention.Kept);
        Assert.Equal($"Added:\n- {Second.Kid}\n\nUnchanged:\n- {First.Kid}\n", plan.CommitBody);
        Assert.True(plan.Retention.Keys.Contains(First.Kid) && plan.Retention.Keys.Contains(Second.Kid));
    }

    [Fact]
    public void A_key_that_disappears_stays_until_its_retention_is_over()
    {
        var marked = Plan(OfBoth, Served(Second), Start.AddHours(1));
        Assert.Equal([First.Kid], marked.Retention.Retained);
        Assert.DoesNotContain(marked.Files, f => f.Path == Layout.JwksPath);
        Assert.Contains($"- {First.Kid} (until 2026-11-25T13:00:00Z)", marked.CommitBody, StringComparison.Ordinal);
        var site = OfBoth.With(marked.Files);
        Assert.True(Plan(site, Served(Second), Start.AddHours(25).AddSeconds(-1)).IsEmpty);
        var removed = Plan(site, Served(Second), Start.AddHours(25));
        Assert.Equal([First.Kid], removed.Retention.Removed);
        Assert.False(removed.Retention.Keys.Contains(First.Kid));
        Assert.Contains($"Removed:\n- {First.Kid}\n", removed.CommitBody, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_comes_back_loses_its_mark()
    {
        var site = Apply(OfBoth, Served(Second), Start.AddHours(1));
        var plan = Plan(site, Served(First, Second), Start.AddHours(2));
        Assert.Contains($"Served again:\n- {First.Kid}\n", plan.CommitBody, StringComparison.Ordinal);
        Assert.Equal([First.Kid], Plan(site.With(plan.Files), Served(Second), Start.AddHours(26)).Retention.Retained);
    }

    [Fact]
    public void Without_retention_the_api_servers_are_mirrored_exactly()
    {
        var plan = Plan(OfBoth, Served(Second), Start, new SitePlanOptions { RetainRemovedKeys = TimeSpan.Zero });
        Assert.Equal([First.Kid], plan.Retention.Removed);
        Assert.Equal([Second.Kid], plan.Retention.Keys.Keys.Select(k => k.Kid));
    }

    [Fact]
    public void Unrelated_keys_are_refused_until_a_person_accepts_them()
    {
        Assert.Fault(ExitCode.Refused, "--accept-new-keys", () => Plan(OfFirst, Served(Second)));
        var accepted = Plan(OfFirst, Served(Second), Start, Accepting);
        Assert.Equal([Second.Kid], accepted.Retention.Added);
        Assert.Equal([First.Kid], accepted.Retention.Retained);
    }

    [Fact]
    public void Another_key_under_a_published_kid_is_refused()
    {
        var site = Apply(PublishedSite.Empty, Served(RsaKey(0, "same"), Second));
        var replaced = Served(RsaKey(2, "same"), Second);
        Assert.Fault(ExitCode.Refused, "'same'", () => Plan(site, replaced));
        var accepted = Plan(site, replaced, Start, Accepting);
        Assert.Equal(["same"], accepted.Retention.Added);
        Assert.Equal(["same"], accepted.Retention.Removed);
    }

    [Fact]
    public void Another_published_issuer_is_refused()
    {
        var other = CanonicalJson.Write(Served(First).Discovery with { Issuer = "https://example.github.io/cluster-b" });
        Assert.Fault(ExitCode.Refused, "character 35", () => Plan(With(OfFirst, Layout.DiscoveryPath, other), Served(First)));
    }

    [Fact]
    public void Everything_that_is_accepted_is_reported()
    {
        var site = With(Apply(PublishedSite.Empty, Served(Second)), Layout.DiscoveryPath, "<html>"u8.ToArray());
        Assert.Collection(
            Plan(site, Served(First), Start, Accepting).Warnings.Where(static warning => warning.StartsWith("Accepted by --accept-new-keys: ", StringComparison.Ordinal)),
            static warning => Assert.Contains("discovery document", warning, StringComparison.Ordinal),
            static warning => Assert.Contains("shares no key", warning, StringComparison.Ordinal));
    }

    /// <summary>Clouds take the keys from there, regardless of the published set.</summary>
    [Fact]
    public void Another_published_jwks_uri_is_refused_until_a_person_accepts_it()
    {
        PublishedSite WithUri(string uri) => With(OfFirst, Layout.DiscoveryPath, CanonicalJson.Write(Served(First).Discovery with { JwksUri = uri }));
        Assert.Fault(ExitCode.Refused, "has the jwks_uri 'https://attacker.example/keys' and not", () => Plan(WithUri("https://attacker.example/keys"), Served(First)));
        Assert.Equal([Layout.DiscoveryPath], Plan(WithUri("https://attacker.example/keys"), Served(First), Start, Accepting).Files.Select(static file => file.Path));

        // As in documents that were copied from the API server.
        const string Node = "https://10.0.0.4:6443/openid/v1/jwks";
        Assert.Equal([Layout.DiscoveryPath], Plan(WithUri(Node), Served(First) with { ServedJwksUri = Node }).Files.Select(static file => file.Path));
    }

    /// <summary>Nodes have different clocks, and runs follow each other closely during a rotation.</summary>
    [Fact]
    public void A_key_that_a_node_with_a_slower_clock_finds_removed_stays_published()
    {
        var site = Apply(OfBoth, Served(First), Start.AddMinutes(-2));
        Assert.Equal([Second.Kid], Plan(site, Served(First), Start.AddMinutes(1)).Retention.Retained);
        Assert.Equal([Second.Kid], Plan(site, Served(First), Start.AddHours(24)).Retention.Removed);
    }

    /// <summary>The time is an API server's; the times in the state file are untrusted.</summary>
    [Fact]
    public void The_first_and_the_last_possible_time_are_times_as_others()
    {
        var site = Apply(PublishedSite.Empty, Served(First), DateTimeOffset.MinValue);
        Assert.True(Plan(site, Served(First), new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero)).IsEmpty);
    }

    /// <summary>Else the next run would find an invalid key set, and no run could publish again.</summary>
    [Fact]
    public void A_key_set_that_the_next_run_could_not_read_is_refused()
    {
        var many = Enumerable.Range(0, 150).Select(static number => RsaKey(number % 4, $"key-{number:000}")).ToArray();
        var refusal = Assert.Fault(ExitCode.Refused, $"The file {Layout.JwksPath} to publish has ", () => Plan(PublishedSite.Empty, Served(many)));
        Assert.Contains("only 65536 are read again", refusal.Message, StringComparison.Ordinal);
        Assert.False(Plan(PublishedSite.Empty, Served(many[..100])).IsEmpty);
    }

    /// <summary>Anyone who can write to the repository can make it so long, independently of the API server's keys.</summary>
    [Fact]
    public void A_state_that_the_next_run_could_not_read_is_refused_with_the_file_to_delete()
    {
        var dropped = Enumerable.Range(0, 200).Select(static number => new DroppedKey($"{number:000}{new string('k', 270)}", Start));
        var state = new PublishedState([], dropped).Write(TestIssuer);
        var site = With(OfFirst, Layout.StatePath, JsonSerializer.SerializeToUtf8Bytes(JsonNode.Parse(state)));
        var refusal = Assert.Fault(ExitCode.Refused, $"The file {Layout.StatePath} to publish has ", () => Plan(site, Served(First)));
        Assert.Contains($"delete {Layout.StatePath} from the repository, keep the kids of dropped keys in --drop-key, and run again", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_algorithm_of_a_retained_key_stays_listed()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var elliptic = ToKey(ecdsa, "P-256");
        var site = Apply(PublishedSite.Empty, Served(First, elliptic));
        var plan = Plan(site, Served(First), Start.AddHours(1));
        Assert.Contains("ES256", plan.Discovery.SigningAlgorithms);
        Assert.Equal(["RS256"], Plan(site.With(plan.Files), Served(First), Start.AddHours(26)).Discovery.SigningAlgorithms);
    }

    internal static SitePlanOptions Accepting { get; } = new() { AcceptNewKeys = true };

    internal static SitePlanOptions Dropping(JsonWebKey key) => new() { DropKeys = [key.Kid] };

    internal static SitePlan Plan(PublishedSite site, CheckedIssuer issuer, DateTimeOffset? now = null, SitePlanOptions? options = null) =>
        SitePlan.Between(site, issuer, Layout, options ?? new SitePlanOptions(), now ?? Start);

    /// <summary>The site after the plan was committed.</summary>
    internal static PublishedSite Apply(PublishedSite site, CheckedIssuer issuer, DateTimeOffset? now = null, SitePlanOptions? options = null) =>
        site.With(Plan(site, issuer, now, options).Files);

    internal static PublishedSite With(PublishedSite site, string path, byte[] content) => site.With(new SiteFile(path, content));
}
