namespace ClusterTrust.Oidc.Tests.Site;

public sealed class SiteLayoutTests
{
    [Theory]
    // a project page
    [InlineData("https://owner.github.io/repo", "git@github.com:owner/repo.git", null, "")]
    [InlineData("https://owner.github.io/repo", "https://github.com/Owner/repo", null, "")]
    [InlineData("https://owner.github.io/repo", "ssh://git@ssh.github.com:443/owner/repo.git", null, "")]
    [InlineData("https://owner.github.io/repo", "owner/repo", null, "")]
    [InlineData("https://owner.github.io/repo/", "owner/repo", null, "")]
    [InlineData("https://owner.github.io/repo/blue", "owner/repo", null, "blue")]
    // the owner's own page
    [InlineData("https://owner.github.io", "owner/owner.github.io", null, "")]
    [InlineData("https://owner.github.io/blue", "owner/owner.github.io", null, "blue")]
    [InlineData("https://owner.github.io/blue", "https://github.com/owner/Owner.github.io.git", null, "blue")]
    // a mirror whose name proves nothing
    [InlineData("https://owner.github.io/repo/blue", "file:///srv/git/other.git", null, "blue")]
    [InlineData("https://owner.github.io/blue", "file:///srv/git/owner.github.io.git", null, "blue")]
    [InlineData("https://owner.github.io/repo/blue", "ssh://user@127.0.0.1:2222/srv/git/site.git", null, "blue")]
    [InlineData("https://owner.github.io/repo/blue", "/path/to/repo.git", null, "blue")]
    [InlineData("https://owner.github.io/repo/blue", "https://git.example.com/team/site.git", null, "blue")]
    // a custom domain
    [InlineData("https://id.example.com", "owner/repo", null, "")]
    [InlineData("https://id.example.com/blue", "owner/repo", null, "blue")]
    // set explicitly
    [InlineData("https://example.com/repo/blue", "owner/repo", "https://example.com/repo", "blue")]
    [InlineData("https://Example.com/repo/Blue", "owner/repo", "https://example.COM/repo/", "Blue")]
    [InlineData("https://owner.github.io/repo/blue", "other/name", "https://owner.github.io/repo", "blue")]
    [InlineData("https://example.com/repo", "owner/repo", "https://example.com", "repo")]
    public void The_folder_follows_from_the_issuer_and_from_where_the_repository_is_served(
        string issuer, string repository, string? siteUrl, string folder)
    {
        var layout = SiteLayout.For(issuer, repository, siteUrl);
        var prefix = folder.Length == 0 ? "" : folder + "/";
        Assert.Equal(folder, layout.Folder);
        Assert.Equal(prefix + ".well-known/openid-configuration", layout.DiscoveryPath);
        Assert.Equal(prefix + "openid/v1/jwks", layout.JwksPath);
        Assert.Equal(prefix + "openid/v1/jwks-state.json", layout.StatePath);
        Assert.Equal(prefix + "index.html", layout.StatusPagePath);
        Assert.Equal(".nojekyll", SiteLayout.NoJekyllPath);
    }

    [Theory]
    [InlineData("https://owner.github.io/repo", "someone/repo", null, "someone.github.io")]
    [InlineData("https://owner.github.io/repo", "owner/other", null, "not below https://owner.github.io/other")]
    [InlineData("https://owner.github.io", "owner/repo", null, "not below https://owner.github.io/repo")]
    [InlineData("https://example.com/repository", "owner/repo", "https://example.com/repo", "not below the site URL")]
    [InlineData("https://example.com/repo", "owner/repo", "http://example.com", "not below the site URL")]
    [InlineData("https://sites.example.com/repo/blue", "owner/repo", null, "set --site-url to 'https://sites.example.com/repo' if that is the URL of the repository's root, or to 'https://sites.example.com' if the folder is repo/blue.")]
    [InlineData("https://owner.gitlab.io/Repo/", "https://gitlab.com/owner/repo.git", null, "set --site-url to 'https://owner.gitlab.io/Repo'")]
    [InlineData("https://example.com/../repo", "owner/repo", null, "'..'")]
    [InlineData("https://owner.github.io/repo/.git", "owner/repo", null, "Git reserves")]
    [InlineData("https://example.com/.nojekyll", "owner/repo", null, "must be a file of the site")]
    public void An_issuer_that_the_repository_cannot_serve_is_a_setting_to_correct(
        string issuer, string repository, string? siteUrl, string says) => Assert.Fault(ExitCode.Usage, says, () => SiteLayout.For(issuer, repository, siteUrl));
}
