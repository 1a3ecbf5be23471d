namespace ClusterTrust.CertSync.Tests.Cluster;

/// <summary>A class of tests with an API server of its own for each test.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    protected ClusterRig Rig { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Rig = await ClusterRig.StartAsync();

    public Task DisposeAsync() => Rig.DisposeAsync().AsTask();
}
