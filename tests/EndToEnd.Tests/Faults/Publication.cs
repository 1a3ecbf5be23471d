using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.GitHub;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>oidc publishes a rotation over Git and HTTPS: the cluster has a key more than the repository.</summary>
internal class Publication : Trial
{
    private readonly SigningKey added;

    protected Publication(Bench bench)
        : base(bench) => added = Rotate(bench);

    public override int Items => 1;

    public override string[] Impatient => ["--verify-timeout", "1s"];

    protected string AddedKey => added.KeyId;

    protected override string Binary => "oidc";

    protected override string[] Arguments =>
    [
        "publish", "--kubeconfig", Bench.Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer,
        "--repository", $"https://github.com/{SandboxCluster.RepositoryName}.git", "--branch", "main",
        "--token-file", Bench.Cluster.Folder.Write("git-token", Bench.GitToken + "\n"),
    ];

    public static async Task<Trial> PrepareAsync(Bench bench)
    {
        await ResetAsync(bench);
        return new Publication(bench);
    }

    /// <inheritdoc/>
    public override async Task<int> DoneItemsAsync()
    {
        var repository = Bench.Cluster.Repository;
        Assert.Equal("", await FsckAsync());
        var tip = repository.Tip("main")!;
        if (tip == Bench.Base)
        {
            return 0;
        }

        var log = await repository.LogAsync("main");
        Assert.Equal(Bench.Base, Assert.Single(log[0].Parents));
        Assert.Contains(added.KeyId, KidsOf((await repository.ReadTextAsync("main", "openid/v1/jwks"))!));
        return 1;
    }

    /// <summary>What Git finds wrong with the repository.</summary>
    protected virtual Task<string> FsckAsync() => Bench.Cluster.Repository.FsckAsync();

    protected static IEnumerable<string> KidsOf(string jwks) => JsonNode.Parse(jwks)!["keys"]!.AsArray().Select(key => key!["kid"]!.GetValue<string>());

    /// <summary>Takes the repository and the cluster's keys back to where every trial begins.</summary>
    protected static async Task ResetAsync(Bench bench)
    {
        (await bench.Cluster.Repository.RunAsync(["update-ref", "refs/heads/main", bench.Base])).OrThrow();
        var keys = bench.Cluster.ApiServer.Keys;
        foreach (var key in keys.Published.Where(key => key != keys.Signing))
        {
            keys.Drop(key);
        }
    }

    // The first key, which signs, stays; an elliptic one more is made in no time.
    private static SigningKey Rotate(Bench bench) => bench.Cluster.ApiServer.Keys.Announce(SigningAlgorithm.ES256);
}

/// <summary>oidc publishes a rotation over SSH.</summary>
internal sealed class SshPublication : Publication
{
    private SshPublication(Bench bench)
        : base(bench)
    {
    }

    protected override string[] Arguments => ["publish", .. Bench.Cluster.OidcArguments()];

    /// <summary>The server's processes die with the connection, and may leave objects behind that nothing leads to.</summary>
    protected override async Task<string> FsckAsync()
    {
        await Bench.Cluster.Ssh.IdleAsync();
        return await Bench.Cluster.Repository.FsckAsync(reachableOnly: true);
    }

    public static new async Task<Trial> PrepareAsync(Bench bench)
    {
        await ResetAsync(bench);
        return new SshPublication(bench);
    }
}

/// <summary>oidc looks at what is published, and writes nothing.</summary>
internal sealed class Verification : Publication
{
    private Verification(Bench bench)
        : base(bench)
    {
    }

    public override int Items => 0;

    public override Task<int> DoneItemsAsync() => Task.FromResult(0);

    protected override string[] Arguments => ["verify", "--kubeconfig", Bench.Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer];

    public static new async Task<Trial> PrepareAsync(Bench bench)
    {
        var trial = new Verification(bench);
        await ResetAsync(bench);
        return trial;
    }
}

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
