using static ClusterTrust.Oidc.Tests.Repository.TestRepository;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class EmulateTests
{
    [Fact]
    public async Task A_site_is_published_read_back_and_published_again()
    {
        await using var github = await EmulatedGitHub.StartAsync();
        foreach (var withReadme in new[] { true, false })
        {
            var options = new GitHubOptions { Owner = EmulatedGitHub.Owner, Name = await github.MakeRepositoryAsync(withReadme), ApiUrl = github.ApiUrl, Token = EmulatedGitHub.Token };
            using var repository = new GitHubSiteRepository(options, TimeProvider.System, NullLogger<GitHubSiteRepository>.Instance);
            var before = await repository.ReadAsync();
            Assert.Equal(withReadme, before.Tip is not null);

            var first = await repository.CommitAsync(before, Jwks, (".nojekyll", ""));
            var after = await repository.ReadAsync();
            var second = await repository.CommitAsync(after, (Jwks.Path, "{ \"keys\": \"ü\" }\n"));
            var last = await repository.ReadAsync();

            Assert.Equal((first.Sha, second.Sha), (after.Tip, last.Tip));
            Assert.Equal(Jwks.Text, after.Site.Text(Jwks.Path));
            Assert.Equal(("{ \"keys\": \"ü\" }\n", ""), (last.Site.Text(Jwks.Path), last.Site.Text(".nojekyll")));
            Assert.Equal("{ \"keys\": \"ü\" }\n", await github.ReadAsync(options.Name, Jwks.Path));
        }
    }
}
