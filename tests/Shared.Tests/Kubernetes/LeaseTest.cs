using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Leases;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A test with an API server that keeps Leases, and a clock of its own.</summary>
public abstract class LeaseTest : ClusterTest
{
    private protected static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    private protected static readonly DateTimeOffset Start = new(2026, 11, 24, 14, 0, 0, TimeSpan.Zero);

    private protected TimerClock Clock { get; } = new(Start);

    private protected LeaseServer Leases { get; private set; } = null!;

    private protected KubernetesConnection Connection { get; private set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Leases = new LeaseServer(Cluster.Server);
        Connection = Cluster.InPod().Open(new KubernetesOptions { Attempts = 1 }, Clock);
    }

    private protected LeaseLock Lock() => new(Connection, NullLogger<LeaseLock>.Instance);

    private protected Task<LeaseAttempt> AcquireAsync(string holder, LeaseLock? leaseLock = null) =>
        (leaseLock ?? Lock()).TryAcquireAsync("demo", "certsync", holder, Duration, CancellationToken.None);
}
