using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Leases;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A test with an API server that keeps Leases, and a clock of its own.</summary>
public abstract class LeaseTest : IAsyncLifetime
{
    private protected static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    private protected LeaseClock Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 14, 0, 0, TimeSpan.Zero), Duration / 5);

    private protected TestCluster Cluster { get; private set; } = null!;

    private protected LeaseServer Leases { get; private set; } = null!;

    private protected KubernetesConnection Connection { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await TestCluster.StartAsync();
        Leases = new LeaseServer(Cluster.Server);
        Connection = KubernetesConnection.Open(new KubernetesOptions { Attempts = 1 }, Clock, null, Cluster.InPod().Environment);
    }

    public async Task DisposeAsync()
    {
        Connection.Dispose();
        await Cluster.DisposeAsync();
    }

    private protected LeaseLock Lock() => new(Connection, NullLogger<LeaseLock>.Instance);

    private protected Task<LeaseAttempt> AcquireAsync(string holder, LeaseLock? leaseLock = null) =>
        (leaseLock ?? Lock()).TryAcquireAsync("demo", "certsync", holder, Duration, CancellationToken.None);
}
