using ClusterTrust.Sandbox;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>One sandbox for all tests of a class; each leaves it as it was.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    public SandboxCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await SandboxCluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
