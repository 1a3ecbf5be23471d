using ClusterTrust.Sandbox.GitHub;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>A sandbox whose issuer is published, for one trial at a time: faults concern whole servers.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public const string GitToken = "ghp_benchToken0123456789";

    private int _trials;

    private Bench(SandboxCluster cluster) => (Cluster, GitHub) = (cluster, new GitHubServer(cluster.Authority, cluster.Repository, SandboxCluster.RepositoryName));

    public SandboxCluster Cluster { get; }

    /// <summary>api.github.com, with the repository of the sandbox.</summary>
    public GitHubServer GitHub { get; }

    /// <summary>The endpoint of clients that certsync verify looks at.</summary>
    public TlsServer Endpoint { get; } = new();

    /// <summary>The commit that every trial of the publisher starts from.</summary>
    public string Base { get; private set; } = "";

    public IReadOnlyDictionary<string, SandboxServer> Servers => new Dictionary<string, SandboxServer>
    {
        [FaultMatrix.ApiServer] = Cluster.ApiServer,
        [FaultMatrix.Entra] = Cluster.Entra,
        [FaultMatrix.KeyVault] = Cluster.KeyVault,
        [FaultMatrix.Git] = Cluster.Https,
        [FaultMatrix.GitHub] = GitHub,
        [FaultMatrix.PublicUrl] = Cluster.Pages,
    };

    public static async Task<Bench> StartAsync()
    {
        var cluster = await SandboxCluster.StartAsync();
        var bench = new Bench(cluster);
        await bench.GitHub.StartAsync();
        cluster.Routes.Add(GitHubServer.Host, bench.GitHub);
        cluster.Https.AddToken(GitToken);
        Expect.Done(await cluster.OidcAsync("publish", "--no-verify"));
        bench.Base = cluster.Repository.Tip("main")!;
        return bench;
    }

    /// <summary>A name that no other trial of this bench has.</summary>
    public string NextName(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Interlocked.Increment(ref _trials)}");

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        await GitHub.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
