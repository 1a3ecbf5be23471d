namespace ClusterTrust.EndToEnd.Tests;

/// <summary>One sandbox for the tests of a class, its issuer published.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    // Across all fixtures: the SDK caches challenges by host for the lifetime of the process.
    private static int _scenarios;

    public SandboxCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await SandboxCluster.StartAsync();
        Expect.Done(await Cluster.OidcAsync("publish", "--no-verify"));
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>A vault and a namespace that no other test uses.</summary>
    internal Scenario New(VaultOptions? options = null) => new(Cluster, Interlocked.Increment(ref _scenarios), options ?? new());
}
