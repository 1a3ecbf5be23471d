namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>Work for oidc: a rotation to publish, since the cluster has a key more than the repository; or a look at what is published.</summary>
internal sealed class OidcTrial : Trial
{
    public const string OverHttps = "oidc publish";
    public const string OverSsh = "oidc publish over SSH";
    public const string ByApi = "oidc publish by GitHub's API";
    public const string Verification = "oidc verify";

    private readonly string _work;
    private readonly string _addedKey;

    private OidcTrial(Bench bench, string work)
        : base(bench, "oidc")
    {
        this._work = work;

        // The first key, which signs, stays; an elliptic one more is made in no time.
        _addedKey = work == Verification ? "" : bench.Cluster.ApiServer.Keys.Announce(SigningAlgorithm.ES256).KeyId;
    }

    public override int Items => _work == Verification ? 0 : 1;

    public override string[] Impatient => _work == Verification ? [] : ["--verify-timeout", "1s"];

    protected override string[] Arguments => _work switch
    {
        OverSsh => ["publish", .. Bench.Cluster.OidcArguments()],
        OverHttps =>
        [
            "publish", .. Bench.Cluster.OidcArguments("verify"), "--repository", $"https://github.com/{SandboxCluster.RepositoryName}.git", "--branch", "main",
            "--token-file", Bench.Cluster.Folder.Write("git-token", Bench.GitToken + "\n"),
        ],
        ByApi =>
        [
            "publish", .. Bench.Cluster.OidcArguments("verify"), "--repository", SandboxCluster.RepositoryName, "--api", "github",
            "--token-file", Bench.Cluster.Folder.Write("github-token", Bench.GitHub.Token + "\n"), "--no-verify",
        ],
        _ => ["verify", .. Bench.Cluster.OidcArguments("verify")],
    };

    /// <summary>Resets the repository and the cluster's keys to the initial state of every trial, and creates one.</summary>
    public static OidcTrial Prepare(Bench bench, string work)
    {
        bench.Cluster.Repository.Reset("main", bench.Base);
        var keys = bench.Cluster.ApiServer.Keys;
        foreach (var key in keys.Published.Where(key => key != keys.Signing))
        {
            keys.Drop(key);
        }

        return new OidcTrial(bench, work);
    }

    public override async Task<int> DoneItemsAsync()
    {
        var git = Bench.Cluster.Repository;
        if (_work == OverSsh)
        {
            // The server's processes die with the connection, and may leave objects behind that nothing leads to.
            await Bench.Cluster.Ssh.IdleAsync();
        }

        Assert.Equal("", await git.FsckAsync(reachableOnly: _work == OverSsh));
        if (git.Tip("main") == Bench.Base)
        {
            return 0;
        }

        Assert.Equal([Bench.Base], (await git.LogAsync("main"))[0].Parents);
        var jwks = JsonNode.Parse((await git.ReadTextAsync("main", "openid/v1/jwks"))!)!;
        Assert.Contains(_addedKey, jwks["keys"]!.AsArray().Select(static key => (string)key!["kid"]!));
        return 1;
    }
}
