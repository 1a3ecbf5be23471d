using static ClusterTrust.Oidc.Tests.Site.SitePlanTests;

namespace ClusterTrust.Oidc.Tests.Site;

public sealed class StatusPageTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_page_names_the_issuer_and_each_key_with_its_thumbprint_and_age()
    {
        var key = RsaKey(0);
        var page = Text(StatusPage.Write(TestIssuer, new JsonWebKeySet([key]), new PublishedState([new KeyState(key.Kid, key.Thumbprint, Now, null)])));

        foreach (var wanted in new[] { TestIssuer, key.Kid, key.Thumbprint, "RS256", "2026-03-01T12:00:00Z", "oidc trust --cloud azure", "oidc trust --cloud aws", "oidc trust --cloud gcp" })
        {
            Assert.Contains(wanted, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_in_it_runs_or_comes_from_elsewhere()
    {
        var key = RsaKey(0, "<script>alert(1)</script>\"'&");
        var page = Text(StatusPage.Write(TestIssuer, new JsonWebKeySet([key]), PublishedState.Empty));

        foreach (var unwanted in new[] { "<script", "src=", "@import", "url(", "<link", "<iframe", "onload" })
        {
            Assert.DoesNotContain(unwanted, page, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void It_is_written_anew_when_the_keys_change()
    {
        var first = Plan(PublishedSite.Empty, Served(RsaKey(0)), Now);
        var second = Plan(PublishedSite.Empty.With(first.Files), Served(RsaKey(0), RsaKey(1)), Now);

        var page = Assert.Single(second.Files, file => file.Path == Layout.StatusPagePath);
        Assert.Contains(RsaKey(1).Kid, Text(page.Content.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_another_author_stays()
    {
        var theirs = PublishedSite.Empty.With([new SiteFile(Layout.StatusPagePath, "<h1>My site</h1>"u8.ToArray())]);

        Assert.DoesNotContain(Plan(theirs, Served(RsaKey(0)), Now).Files, file => file.Path == Layout.StatusPagePath);
    }

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);
}
