using static ClusterTrust.Oidc.Tests.Site.SitePlanTests;

namespace ClusterTrust.Oidc.Tests.Site;

/// <summary>Keys that --drop-key removes.</summary>
public sealed class DroppedKeysTests
{
    [Fact]
    public void A_compromised_key_is_dropped_now()
    {
        var plan = Plan(OfBoth, Served(Second), Start, Dropping(First));
        Assert.Equal([First.Kid], plan.Retention.Removed);
        Assert.Contains("dropped by --drop-key", plan.CommitBody, StringComparison.Ordinal);
        Assert.True(Plan(OfBoth.With(plan.Files), Served(Second), Start.AddDays(1), Dropping(First)).IsEmpty);
    }

    [Fact]
    public void A_key_that_is_still_served_is_not_dropped() =>
        Assert.Fault(ExitCode.Refused, "--service-account-key-file", () => Plan(OfFirst, Served(First), Start, Dropping(First)));

    /// <summary>The key that was meant would stay published until its retention is over.</summary>
    [Fact]
    public void A_key_to_drop_that_is_not_published_is_named_once()
    {
        var options = new SitePlanOptions { DropKeys = [Second.Kid + " "] };
        var plan = Plan(OfBoth, Served(First), Start, options);
        Assert.Contains("check the spelling of its kid", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(Plan(OfBoth.With(plan.Files), Served(First), Start, options).Warnings);
        Assert.Empty(Plan(OfBoth, Served(First), Start, Dropping(Second)).Warnings);
    }

    [Fact]
    public void A_dropped_key_stays_dropped_without_the_setting_and_when_it_is_put_back()
    {
        var site = Apply(OfBoth, Served(First), Start, Dropping(Second));
        Assert.True(Plan(site, Served(First), Start.AddDays(1)).IsEmpty);
        var plan = Plan(With(site, Layout.JwksPath, OfBoth.Find(Layout.JwksPath)!.Value.ToArray()), Served(First), Start.AddDays(1));
        Assert.Equal([Second.Kid], plan.Retention.Removed);
        Assert.Contains(plan.Warnings, warning => warning.Contains($"The dropped key '{Second.Kid}' is in openid/v1/jwks again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dropped_key_that_the_API_server_serves_again_is_refused()
    {
        var site = Apply(OfBoth, Served(First), Start, Dropping(Second));
        var withoutKeys = With(PublishedSite.Empty, Layout.StatePath, site.Find(Layout.StatePath)!.Value.ToArray());
        Assert.All([site, withoutKeys], static dropped =>
            Assert.Fault(ExitCode.Refused, "which --drop-key removed at 2026-11-24T12:00:00Z", () => Plan(dropped, Served(First, Second))));
        Assert.True(Plan(Apply(site, Served(First, Second), Start, Accepting), Served(First, Second)).IsEmpty);
    }
}
