using System.Globalization;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Leases;

namespace ClusterTrust.CertSync;

/// <summary>Keeps two overlapping runs (the schedule's and one made by hand) from importing the same certificate twice, by a Lease.</summary>
/// <param name="options">Names the Lease.</param>
/// <param name="connection">The API server.</param>
/// <param name="leases">Takes it.</param>
/// <param name="run">The run that asks.</param>
public sealed class RunLock(CertSyncOptions options, KubernetesConnection connection, LeaseLock leases, JobRun run)
{
    // Longer than a node takes to restart a pod, shorter than a schedule's usual interval.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    /// <summary>Takes the Lease, or says who has it.</summary>
    public async Task<RunLockState> TakeAsync(CancellationToken cancellation)
    {
        if (options.LeaseName is not { } name)
        {
            return RunLockState.Unlocked;
        }

        var ns = options.LeaseNamespace ?? connection.Namespace;
        var attempt = await leases.TryAcquireAsync(ns, name, $"{Environment.MachineName}-{run.RunId}", Duration, cancellation);
        return attempt.Held is { } held
            ? new RunLockState(held, null)
            : new RunLockState(null, string.Create(CultureInfo.InvariantCulture,
                $"another run holds the lease {ns}/{name}: {attempt.Holder}, since {attempt.Since:yyyy-MM-dd'T'HH:mm:ss'Z'}; nothing was done"));
    }
}
