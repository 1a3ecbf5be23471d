using static ClusterTrust.Oidc.Tests.Site.SitePlanTests;

namespace ClusterTrust.Oidc.Tests.Site;

public sealed class StatusPageTests
{
    [Fact]
    public void The_page_names_the_issuer_and_each_key_with_its_thumbprint_and_age()
    {
        var page = Text(StatusPage.Write(TestIssuer, new JsonWebKeySet([First]), new PublishedState([new KeyState(First.Kid, First.Thumbprint, Start, null)])));
        Assert.All(
            [TestIssuer, First.Kid, First.Thumbprint, "RS256", "2026-11-24T12:00:00Z", "oidc trust --cloud azure", "oidc trust --cloud aws", "oidc trust --cloud gcp"],
            wanted => Assert.Contains(wanted, page, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_in_it_runs_or_comes_from_elsewhere()
    {
        var page = Text(StatusPage.Write(TestIssuer, new JsonWebKeySet([RsaKey(0, "<script>alert(1)</script>\"'&")]), PublishedState.Empty));
        Assert.All(["<script", "src=", "@import", "url(", "<link", "<iframe", "onload"], unwanted => Assert.DoesNotContain(unwanted, page, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void It_is_written_anew_when_the_keys_change_and_a_page_of_another_author_stays()
    {
        var page = Assert.Single(Plan(OfFirst, Served(First, Second)).Files, static file => file.Path == Layout.StatusPagePath);
        Assert.Contains(Second.Kid, Text(page.Content.ToArray()), StringComparison.Ordinal);
        var theirs = With(PublishedSite.Empty, Layout.StatusPagePath, "<h1>My site</h1>"u8.ToArray());
        Assert.DoesNotContain(Plan(theirs, Served(First)).Files, static file => file.Path == Layout.StatusPagePath);
    }

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);
}
