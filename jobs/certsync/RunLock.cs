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
    // The duration of client-go's leader election: a run that was killed must not keep the next one out for long.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Takes the Lease, or reports who holds it. Waits for a holder that does not renew until its time is over, whatever its clock shows:
    /// it may have been killed, and the Job's next pod would otherwise do nothing and end as if all were done.
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
                return RunLockState.Of(held);
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

/// <summary>The result of asking for the lock; disposing releases it.</summary>
/// <param name="lease">The Lease, if it was taken.</param>
/// <param name="holder">Who holds it, if another run does; one sentence.</param>
public sealed class RunLockState(IAsyncDisposable? lease, string? holder) : IAsyncDisposable
{
    /// <summary>A run without the lock.</summary>
    public static RunLockState Unlocked { get; } = new(null, null);

    /// <summary>Who else holds the lock, one sentence; null when this run may go on.</summary>
    public string? Holder { get; } = holder;

    /// <summary>Cancelled when the lock is lost: finish the items in hand and stop.</summary>
    public CancellationToken Lost { get; init; }

    /// <summary>The time from <see cref="Lost"/> until another run may hold the lock.</summary>
    public TimeSpan AfterLoss { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>What to report when <see cref="Lost"/> ended the run; null while the lock is held.</summary>
    public Func<JobException?> Loss { get; init; } = static () => null;

    /// <summary>The state of a run that holds the Lease.</summary>
    public static RunLockState Of(HeldLease held) => new(held, null)
    {
        Lost = held.Lost,
        AfterLoss = held.AfterLoss,
        Loss = () => held.LossReason is { } reason
            ? new($"The run was stopped because it lost the lease {held.Title} ({reason}): run again, and check the API server's health if it happens often.")
            : null,
    };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => lease?.DisposeAsync() ?? ValueTask.CompletedTask;
}
