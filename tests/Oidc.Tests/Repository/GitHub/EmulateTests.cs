using static ClusterTrust.Oidc.Tests.Repository.TestRepository;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class EmulateTests : IAsyncLifetime
{
    private EmulatedGitHub _github = null!;

    public async Task InitializeAsync() => _github = await EmulatedGitHub.StartAsync();

    public async Task DisposeAsync() => await _github.DisposeAsync();

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_site_is_published_read_back_and_published_again(bool withReadme)
    {
        var name = await _github.MakeRepositoryAsync(withReadme);
        using var repository = Open(name);
        var before = await repository.ReadAsync();
        Assert.Equal(withReadme, before.Tip is not null);

        var first = await repository.CommitAsync(before, Jwks, (".nojekyll", ""));
        var after = await repository.ReadAsync();
        var second = await repository.CommitAsync(after, (Jwks.Path, "{ \"keys\": \"ü\" }\n"));
        var last = await repository.ReadAsync();

        Assert.Equal((first.Sha, second.Sha), (after.Tip, last.Tip));
        Assert.Equal(Jwks.Text, after.Site.Text(Jwks.Path));
        Assert.Equal(("{ \"keys\": \"ü\" }\n", ""), (last.Site.Text(Jwks.Path), last.Site.Text(".nojekyll")));
        Assert.Equal("{ \"keys\": \"ü\" }\n", await _github.ReadAsync(name, Jwks.Path));
    }

    private GitHubSiteRepository Open(string name) => new(
        new GitHubOptions { Owner = EmulatedGitHub.Owner, Name = name, ApiUrl = _github.ApiUrl, Token = EmulatedGitHub.Token },
        TimeProvider.System,
        NullLogger<GitHubSiteRepository>.Instance);
}
