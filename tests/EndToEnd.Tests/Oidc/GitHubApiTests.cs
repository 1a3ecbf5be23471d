using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.GitHub;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Commits through GitHub's API, at a GitHub that is not ours.</summary>
public sealed class GitHubApiTests : OidcTest
{
    private EmulatedGitHub github = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        github = await EmulatedGitHub.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        await github.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task With_a_token_one_commit_has_all_files_and_the_next_run_finds_nothing_to_do()
    {
        var name = await github.MakeRepositoryAsync(withReadme: true);
        var before = (await github.CommitsAsync(name)).Count;
        string[] arguments = [.. Arguments(), "--api", "github", "--token-file", Cluster.Folder.Write("token", EmulatedGitHub.Token + "\n")];

        Expect.Silent(Expect.Done(await PublishToAsync($"{EmulatedGitHub.Owner}/{name}", arguments), "published the issuer"), EmulatedGitHub.Token);

        foreach (var path in new[] { DiscoveryPath, JwksPath, StatePath, InFolder("index.html"), ".nojekyll" })
        {
            Assert.NotNull(await github.ReadAsync(name, path));
        }

        var commits = await github.CommitsAsync(name);
        Assert.Equal(before + 1, commits.Count);
        Expect.Done(await PublishToAsync($"{EmulatedGitHub.Owner}/{name}", arguments), "nothing to publish");
        Cluster.ApiServer.Keys.Announce();
        Expect.Done(await PublishToAsync($"{EmulatedGitHub.Owner}/{name}", arguments), "keys added: 1");
        Assert.Equal(commits.Count + 1, (await github.CommitsAsync(name)).Count);
        Assert.Equal(2, JsonNode.Parse((await github.ReadAsync(name, JwksPath))!)!["keys"]!.AsArray().Count);
    }

    [Fact]
    public async Task With_a_GitHub_App_whose_installation_is_looked_up()
    {
        var name = await github.MakeRepositoryAsync(withReadme: true);

        Expect.Silent(
            Expect.Done(await PublishToAsync(
                $"{EmulatedGitHub.Owner}/{name}",
                [.. Arguments(), "--github-app-id", EmulatedGitHub.AppId, "--github-app-key", github.AppKeyFile])),
            "ghs_",
            "PRIVATE KEY");

        Assert.NotNull(await github.ReadAsync(name, DiscoveryPath));
    }

    // The site is not on OWNER.github.io, so --site-url says where the repository's root is served.
    private string[] Arguments() => ["--github-api-url", github.ApiUrl.AbsoluteUri, "--site-url", SiteUrl];
}
