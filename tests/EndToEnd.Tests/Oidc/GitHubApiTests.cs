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
    public async Task With_a_GitHub_App_whose_installation_is_looked_up()
    {
        var name = await github.MakeRepositoryAsync(withReadme: true);

        // The site is not on OWNER.github.io, so --site-url says where the repository's root is served.
        Expect.Silent(
            Expect.Done(await PublishToAsync(
                $"{EmulatedGitHub.Owner}/{name}",
                "--github-api-url", github.ApiUrl.AbsoluteUri, "--site-url", SiteUrl, "--github-app-id", EmulatedGitHub.AppId, "--github-app-key", github.AppKeyFile)),
            "ghs_",
            "PRIVATE KEY");

        Assert.NotNull(await github.ReadAsync(name, DiscoveryPath));
    }
}
