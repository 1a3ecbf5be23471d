namespace ClusterTrust.EndToEnd.Tests;

/// <summary>A test in a sandbox of its own.</summary>
public abstract class SandboxTest : IAsyncLifetime
{
    protected SandboxCluster Cluster { get; private set; } = null!;

    protected string DiscoveryPath => InFolder(".well-known/openid-configuration");

    protected string JwksPath => InFolder("openid/v1/jwks");

    protected string StatePath => InFolder("openid/v1/jwks-state.json");

    /// <summary>Whether every run is a process.</summary>
    protected virtual bool NeedsProcesses => false;

    public virtual async Task InitializeAsync()
    {
        Cluster = await SandboxCluster.StartAsync();
        Cluster.JobsAreProcesses = NeedsProcesses;
    }

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>A path below the issuer's folder: a given cluster's issuer may have more of a path than its repository.</summary>
    protected string InFolder(string path) => Cluster.IssuerUrl.Split('/', 5) is [_, _, _, _, var folder] ? $"{folder}/{path}" : path;

    /// <summary>Publishes without a look from outside, which has tests of its own.</summary>
    protected Task<Output> PublishAsync(params string[] more) => Cluster.OidcAsync("publish", ["--no-verify", .. more]);

    /// <summary>Publishes, and must be able to.</summary>
    protected async Task<Output> PublishedAsync(params string[] more) => Expect.Done(await PublishAsync(more));

    /// <summary>A file on the branch.</summary>
    protected async Task<string> ReadAsync(string path) =>
        await Cluster.Repository.ReadTextAsync("main", path) ?? throw new FileNotFoundException($"{path} is not on main.");
}
