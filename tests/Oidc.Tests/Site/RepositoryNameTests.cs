using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Tests.Site;

public sealed class RepositoryNameTests
{
    [Theory]
    [InlineData("git@github.com:octo/pages.git", "github.com", "octo", "pages")]
    [InlineData("ssh://git@ssh.github.com:443/octo/pages.git", "ssh.github.com", "octo", "pages")]
    [InlineData("https://github.com/octo/pages", "github.com", "octo", "pages")]
    [InlineData("octo/pages", "github.com", "octo", "pages")]
    [InlineData("ssh://user@127.0.0.1:2222/srv/git/site.git", "127.0.0.1", "git", "site")]
    [InlineData("file:///srv/git/site.git", null, null, "site")]
    [InlineData("/srv/git/site.git", null, null, "site")]
    [InlineData("./site.git", null, null, "site")]
    [InlineData("../site.git", null, null, "site")]
    public void Host_owner_and_name_are_read(string address, string? host, string? owner, string name) =>
        Assert.Equal(new RepositoryName(host, owner, name), RepositoryName.Parse(address));

    [Theory]
    [InlineData("ssh://user@127.0.0.1:2222/srv/git/site.git")]
    [InlineData("file:///srv/git/site.git")]
    [InlineData("/path/to/repo.git")]
    [InlineData("https://git.example.com/team/site.git")]
    public void Elsewhere_than_on_GitHub_the_first_segment_of_an_issuer_on_github_io_is_a_project_page(string address) =>
        Assert.Equal(".well-known/openid-configuration", SiteLayout.For("https://example.github.io/cluster-a", address).DiscoveryPath);
}
