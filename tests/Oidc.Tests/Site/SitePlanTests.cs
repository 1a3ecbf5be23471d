using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Oidc.Tests.Issuer;
using static ClusterTrust.Oidc.Tests.Issuer.TestKeys;

namespace ClusterTrust.Oidc.Tests.Site;

public sealed class SitePlanTests
{
    internal static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    internal static readonly SiteLayout Layout = SiteLayout.For(TestKeys.TestIssuer, "example/cluster-a");

    internal static readonly JsonWebKey First = RsaKey(0);
    internal static readonly JsonWebKey Second = RsaKey(1);

    [Fact]
    public void The_first_publish_writes_everything_and_lists_the_keys()
    {
        var plan = Plan(PublishedSite.Empty, Served(First));

        Assert.Equal(
            [".nojekyll", ".well-known/openid-configuration", "index.html", "openid/v1/jwks", "openid/v1/jwks-state.json"],
            plan.Files.Select(f => f.Path).Order(StringComparer.Ordinal));
        Assert.Equal([First.Kid], plan.Retention.Added);
        Assert.Equal($"Add a key to the issuer {TestKeys.TestIssuer}", plan.CommitSubject);
        Assert.Contains($"Added:\n- {First.Kid}\n", plan.CommitBody, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_was_applied_leaves_nothing_to_do()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));

        Assert.True(Plan(site, Served(Second, First), Start.AddDays(100)).IsEmpty);
    }

    [Fact]
    public void Equal_documents_in_another_order_are_no_change()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));
        var shuffled = TestKeys.JwksOf(
            new(Jwk(Second).Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))), Jwk(First));
        var rewritten = site.With([new SiteFile(Layout.JwksPath, Bytes(shuffled))]);

        Assert.True(Plan(rewritten, Served(First, Second)).IsEmpty);
    }

    /// <summary>Google Cloud refuses a whole set for a certificate in it.</summary>
    [Fact]
    public void A_published_set_with_a_certificate_or_a_key_twice_is_written_anew()
    {
        var site = Apply(PublishedSite.Empty, Served(First));
        var certified = Jwk(First);
        certified["x5c"] = new System.Text.Json.Nodes.JsonArray("AA");

        foreach (var keys in new[] { [certified], new[] { Jwk(First), Jwk(First) } })
        {
            var file = Assert.Single(Plan(site.With([new SiteFile(Layout.JwksPath, Bytes(JwksOf(keys)))]), Served(First)).Files);
            Assert.True(file.Content.Span.SequenceEqual(site.Find(Layout.JwksPath)!.Value.Span));
        }
    }

    [Fact]
    public void A_new_key_is_added_at_once()
    {
        var plan = Plan(Apply(PublishedSite.Empty, Served(First)), Served(First, Second));

        Assert.Equal([Second.Kid], plan.Retention.Added);
        Assert.Equal([First.Kid], plan.Retention.Kept);
        Assert.Equal($"Added:\n- {Second.Kid}\n\nUnchanged:\n- {First.Kid}\n", plan.CommitBody);
        Assert.True(plan.Retention.Keys.Contains(First.Kid) && plan.Retention.Keys.Contains(Second.Kid));
    }

    [Fact]
    public void A_key_that_disappears_stays_until_its_retention_is_over()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));

        var marked = Plan(site, Served(Second), Start.AddHours(1));
        Assert.Equal([First.Kid], marked.Retention.Retained);
        Assert.DoesNotContain(marked.Files, f => f.Path == Layout.JwksPath);
        Assert.Contains($"- {First.Kid} (until 2026-11-25T13:00:00Z)", marked.CommitBody, StringComparison.Ordinal);

        site = site.With(marked.Files);
        Assert.True(Plan(site, Served(Second), Start.AddHours(25).AddSeconds(-1)).IsEmpty);

        var removed = Plan(site, Served(Second), Start.AddHours(25));
        Assert.Equal([First.Kid], removed.Retention.Removed);
        Assert.False(removed.Retention.Keys.Contains(First.Kid));
        Assert.Contains($"Removed:\n- {First.Kid}\n", removed.CommitBody, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_comes_back_loses_its_mark()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));
        site = Apply(site, Served(Second), Start.AddHours(1));

        var plan = Plan(site, Served(First, Second), Start.AddHours(2));
        Assert.Contains($"Served again:\n- {First.Kid}\n", plan.CommitBody, StringComparison.Ordinal);
        site = site.With(plan.Files);

        Assert.Equal([First.Kid], Plan(site, Served(Second), Start.AddHours(26)).Retention.Retained);
    }

    [Fact]
    public void Without_retention_the_api_servers_are_mirrored_exactly()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));

        var plan = Plan(site, Served(Second), Start, new SitePlanOptions { RetainRemovedKeys = TimeSpan.Zero });

        Assert.Equal([First.Kid], plan.Retention.Removed);
        Assert.Equal([Second.Kid], plan.Retention.Keys.Keys.Select(k => k.Kid));
    }

    [Fact]
    public void A_compromised_key_is_dropped_now()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));

        var plan = Plan(site, Served(Second), Start, new SitePlanOptions { DropKeys = [First.Kid] });

        Assert.Equal([First.Kid], plan.Retention.Removed);
        Assert.Contains("dropped by --drop-key", plan.CommitBody, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_still_served_is_not_dropped()
    {
        var refusal = Assert.Throws<JobException>(
            () => Plan(Apply(PublishedSite.Empty, Served(First)), Served(First), Start, new SitePlanOptions { DropKeys = [First.Kid] }));

        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        Assert.Contains("--service-account-key-file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_to_drop_that_is_gone_already_is_done()
    {
        var options = new SitePlanOptions { DropKeys = [First.Kid] };
        var site = Apply(PublishedSite.Empty, Served(First, Second));

        site = site.With(Plan(site, Served(Second), Start, options).Files);

        Assert.True(Plan(site, Served(Second), Start.AddDays(1), options).IsEmpty);
    }

    [Fact]
    public void Unrelated_keys_are_refused_until_a_person_accepts_them()
    {
        var site = Apply(PublishedSite.Empty, Served(First));

        var refusal = Assert.Throws<JobException>(() => Plan(site, Served(Second)));
        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        Assert.Contains("--accept-new-keys", refusal.Message, StringComparison.Ordinal);

        var accepted = Plan(site, Served(Second), Start, new SitePlanOptions { AcceptNewKeys = true });
        Assert.Equal([Second.Kid], accepted.Retention.Added);
        Assert.Equal([First.Kid], accepted.Retention.Retained);
    }

    [Fact]
    public void Another_key_under_a_published_kid_is_refused()
    {
        var site = Apply(PublishedSite.Empty, Served(RsaKey(0, "same"), Second));
        var replaced = Served(RsaKey(2, "same"), Second);

        Assert.Equal(ExitCode.Refused, Assert.Throws<JobException>(() => Plan(site, replaced)).ExitCode);

        var accepted = Plan(site, replaced, Start, new SitePlanOptions { AcceptNewKeys = true });
        Assert.Equal(["same"], accepted.Retention.Added);
        Assert.Equal(["same"], accepted.Retention.Removed);
    }

    [Fact]
    public void Another_published_issuer_is_refused()
    {
        var other = CanonicalJson.Write(Served(First).Discovery with { Issuer = "https://example.github.io/cluster-b" });
        var site = Apply(PublishedSite.Empty, Served(First)).With([new SiteFile(Layout.DiscoveryPath, other)]);

        var refusal = Assert.Throws<JobException>(() => Plan(site, Served(First)));

        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        Assert.Contains("character 35", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Else the next run would find an invalid key set, and no run could publish again.</summary>
    [Fact]
    public void A_key_set_that_the_next_run_could_not_read_is_refused()
    {
        var many = Enumerable.Range(0, 150).Select(static number => RsaKey(number % 4, $"key-{number:000}")).ToArray();

        var refusal = Assert.Throws<JobException>(() => Plan(PublishedSite.Empty, Served(many)));

        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        Assert.Contains($"The file {Layout.JwksPath} to publish has ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("only 65536 are read again", refusal.Message, StringComparison.Ordinal);
        Assert.False(Plan(PublishedSite.Empty, Served(many[..100])).IsEmpty);
    }

    [Fact]
    public void The_algorithm_of_a_retained_key_stays_listed()
    {
        using var ecdsa = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var elliptic = ToKey(ecdsa, "P-256");
        var site = Apply(PublishedSite.Empty, Served(First, elliptic));

        var plan = Plan(site, Served(First), Start.AddHours(1));

        Assert.Contains("ES256", plan.Discovery.SigningAlgorithms);
        Assert.Equal(["RS256"], Plan(site.With(plan.Files), Served(First), Start.AddHours(26)).Discovery.SigningAlgorithms);
    }

    internal static SitePlan Plan(PublishedSite site, CheckedIssuer issuer, DateTimeOffset? now = null, SitePlanOptions? options = null) =>
        SitePlan.Between(site, issuer, Layout, options ?? new SitePlanOptions(), now ?? Start);

    internal static PublishedSite Apply(PublishedSite site, CheckedIssuer issuer, DateTimeOffset? now = null) =>
        site.With(Plan(site, issuer, now).Files);
}
