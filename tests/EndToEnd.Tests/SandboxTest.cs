namespace ClusterTrust.EndToEnd.Tests;

/// <summary>A test in a sandbox of its own.</summary>
public abstract class SandboxTest : IAsyncLifetime
{
    protected SandboxCluster Cluster { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Cluster = await SandboxCluster.StartAsync();

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>Publishes without a look from outside, which has tests of its own.</summary>
    protected Task<Output> PublishAsync(params string[] more) => Cluster.OidcAsync("publish", ["--no-verify", .. more]);

    /// <summary>Publishes, and must be able to.</summary>
    protected async Task<Output> PublishedAsync(params string[] more) => Expect.Done(await PublishAsync(more));
}
