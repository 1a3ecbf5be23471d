using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.GitHub;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>oidc publishes by GitHub's API into a repository that has a README.</summary>
internal sealed class GitHubPublication : Publication
{
    private readonly string repository;

    private GitHubPublication(Bench bench, string repository)
        : base(bench) => this.repository = repository;

    protected override string[] Arguments =>
    [
        "publish", "--kubeconfig", Bench.Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer,
        "--repository", $"{EmulatedGitHub.Owner}/{repository}", "--site-url", SandboxCluster.Issuer, "--api", "github",
        "--token-file", Bench.Cluster.Folder.Write("github-token", EmulatedGitHub.Token + "\n"), "--no-verify",
    ];

    public static new async Task<Trial> PrepareAsync(Bench bench)
    {
        await ResetAsync(bench);
        return new GitHubPublication(bench, await bench.GitHub.MakeRepositoryAsync(withReadme: true));
    }

    /// <inheritdoc/>
    public override async Task<int> DoneItemsAsync()
    {
        var commits = await Bench.GitHub.CommitsAsync(repository);
        if (commits.Count == 1)
        {
            return 0;
        }

        Assert.Equal(2, commits.Count);
        Assert.Contains(AddedKey, KidsOf((await Bench.GitHub.ReadAsync(repository, "openid/v1/jwks"))!));
        return 1;
    }
}
