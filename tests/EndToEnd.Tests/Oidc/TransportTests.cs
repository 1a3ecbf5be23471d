
namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>The ways to a repository, and what each says when it is closed.</summary>
public sealed class TransportTests : OidcTest
{
    private const string Token = "ghp_sandboxToken0123456789";

    private string Name => Cluster.SiteRepository;

    private string HttpsUrl => $"https://github.com/{Name}.git";

    [Fact]
    public async Task Over_HTTPS_with_a_token_from_the_environment_by_the_reference_s_names()
    {
        Cluster.Https.AddToken(Token);
        string[] arguments = ["publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--no-verify"];

        Expect.Silent(
            Expect.Done(await RunAsync(arguments, new Dictionary<string, string>
            {
                ["OIDC_ISSUER"] = Cluster.IssuerUrl,
                ["GITHUB_REPOSITORY"] = Name,
                ["GITHUB_TOKEN"] = Token,
                ["COMMIT_NAME"] = "Release Bot",
                ["COMMIT_EMAIL"] = "bot@example.com",
            })),
            Token);

        Assert.Equal("Release Bot <bot@example.com>", Assert.Single(await Cluster.Repository.LogAsync("main")).Author);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task In_the_file_system_by_a_URL_and_by_a_path()
    {
        Expect.Done(await PublishToAsync($"file://{Cluster.Repository.Path}"));
        Assert.Equal(1, await CommitsAsync());

        Expect.Done(await PublishToAsync(Cluster.Repository.Path), "nothing to publish");
        Cluster.ApiServer.Keys.Announce();
        Expect.Done(await PublishToAsync(Cluster.Repository.Path));
        Assert.Equal(2, await CommitsAsync());
        Assert.Contains(DiscoveryPath, (await Cluster.Repository.TreeAsync("main")).Select(entry => entry.Path));
    }
}
