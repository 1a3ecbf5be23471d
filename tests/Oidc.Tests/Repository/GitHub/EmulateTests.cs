using System.Text;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Repository.GitHub;
using ClusterTrust.Oidc.Site;
using ClusterTrust.Sandbox.GitHub;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class EmulateTests : IAsyncLifetime
{
    private static readonly SiteLayout Layout = SiteLayout.For("https://issuer.example.com", "owner/repository");

    private EmulatedGitHub github = null!;

    public async Task InitializeAsync() => github = await EmulatedGitHub.StartAsync();

    public async Task DisposeAsync() => await github.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_site_is_published_read_back_and_published_again(bool withReadme)
    {
        var name = await github.MakeRepositoryAsync(withReadme);
        using var repository = Open(name);
        var before = await repository.ReadAsync(Layout, default);
        Assert.Equal(withReadme, before.Tip is not null);

        var first = await repository.CommitAsync(before, Request(("openid/v1/jwks", "{}\n"), (".nojekyll", "")), default);
        var after = await repository.ReadAsync(Layout, default);
        var second = await repository.CommitAsync(after, Request(("openid/v1/jwks", "{ \"keys\": \"ü\" }\n")), default);
        var last = await repository.ReadAsync(Layout, default);

        Assert.Equal((first.Sha, second.Sha), (after.Tip, last.Tip));
        Assert.Equal("{}\n", Text(after.Site, "openid/v1/jwks"));
        Assert.Equal("{ \"keys\": \"ü\" }\n", Text(last.Site, "openid/v1/jwks"));
        Assert.Equal("", Text(last.Site, ".nojekyll"));
        Assert.Equal("{ \"keys\": \"ü\" }\n", await github.ReadAsync(name, "openid/v1/jwks"));
    }

    [Fact]
    public async Task A_stale_snapshot_loses_the_race()
    {
        using var repository = Open(await github.MakeRepositoryAsync(withReadme: true));
        var stale = await repository.ReadAsync(Layout, default);
        await repository.CommitAsync(stale, Request((".nojekyll", "")), default);

        await Assert.ThrowsAsync<RacedException>(() => repository.CommitAsync(stale, Request(("index.html", "x")), default));
    }

    private static string Text(PublishedSite site, string path) => Encoding.UTF8.GetString(site.Files[path].Span);

    private static CommitRequest Request(params (string Path, string Content)[] files) => new(
        [.. files.Select(file => new SiteFile(file.Path, Encoding.UTF8.GetBytes(file.Content)))],
        "Publish", "", new CommitIdentity("Test", "test@example.com", DateTimeOffset.UtcNow));

    private GitHubSiteRepository Open(string name) => new(
        new GitHubOptions { Owner = EmulatedGitHub.Owner, Name = name, ApiUrl = github.ApiUrl, Token = EmulatedGitHub.Token },
        TimeProvider.System,
        NullLogger<GitHubSiteRepository>.Instance);
}
