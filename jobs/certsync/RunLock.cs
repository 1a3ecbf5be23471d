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
/// <param name="clock">Times the wait for a holder that may be dead.</param>
public sealed class RunLock(CertSyncOptions options, KubernetesConnection connection, LeaseLock leases, JobRun run, TimeProvider clock)
{
    // As long as client-go's leader election holds one: a run that was killed must not keep out the one that follows it.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Takes the Lease, or says who has it. A holder that does not renew is waited for until its time is over, whatever its clock says:
    /// it may have been killed, and a Job's next pod that then did nothing would end as if all were done.
    /// </summary>
    public async Task<RunLockState> TakeAsync(CancellationToken cancellation)
    {
        if (options.LeaseName is not { } name)
        {
            return RunLockState.Unlocked;
        }

        var ns = options.LeaseNamespace ?? connection.Namespace;
        DateTimeOffset? firstEnd = null;
        for (var start = clock.GetTimestamp(); ; await Task.Delay(PollInterval, clock, cancellation))
        {
            var attempt = await leases.TryAcquireAsync(ns, name, $"{Environment.MachineName}-{run.RunId}", Duration, cancellation);
            if (attempt.Held is { } held)
            {
                return new RunLockState(held, null);
            }

            firstEnd ??= attempt.Until;
            var isAlive = attempt.Until != firstEnd;
            var isLong = attempt.Lasts > 2 * Duration && attempt.Until > clock.GetUtcNow();
            if (isAlive || isLong || clock.GetElapsedTime(start) > attempt.Lasts + Duration)
            {
                return new RunLockState(null, string.Create(CultureInfo.InvariantCulture,
                    $"another run holds the lease {ns}/{name}: {attempt.Holder}, since {attempt.Since:yyyy-MM-dd'T'HH:mm:ss'Z'}; nothing was done"));
            }
        }
    }
}
