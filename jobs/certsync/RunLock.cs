using System.Globalization;
using ClusterTrust.CertSync.Leases;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;

namespace ClusterTrust.CertSync;

/// <summary>Prevents concurrent runs (a scheduled and a manual one) from importing the same certificate twice, by a Lease.</summary>
public sealed class RunLock(CertSyncOptions options, KubernetesConnection connection, LeaseLock leases, JobRun run, TimeProvider clock)
{
    // As in client-go's leader election: a run that was killed must not block the next one for long.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Takes the Lease, or reports its holder. A holder that does not renew may have been killed: the run waits until its Lease expires,
    /// because the Job's next pod would otherwise do nothing and end successfully.
    /// </summary>
    public async Task<RunLockState> TakeAsync(CancellationToken cancellationToken)
    {
        if (options.LeaseName is not { } name)
        {
            return RunLockState.Unlocked;
        }

        var ns = options.LeaseNamespace ?? connection.Namespace;
        DateTimeOffset? firstEnd = null;
        for (var start = clock.GetTimestamp(); ; await Task.Delay(PollInterval, clock, cancellationToken))
        {
            var attempt = await leases.TryAcquireAsync(ns, name, $"{Environment.MachineName}-{run.RunId}", Duration, cancellationToken);
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

/// <summary>The lock, or who holds it; disposing releases it.</summary>
public sealed class RunLockState(IAsyncDisposable? lease, string? holder) : IAsyncDisposable
{
    public static RunLockState Unlocked { get; } = new(null, null);

    /// <summary>The other run that holds the lock, one sentence; null if this run may go on.</summary>
    public string? Holder { get; } = holder;

    /// <summary>Cancelled when the lock is lost: finish the current items and stop.</summary>
    public CancellationToken Lost { get; init; }

    /// <summary>The time from <see cref="Lost"/> until another run may hold the lock.</summary>
    public TimeSpan AfterLoss { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>The fault when <see cref="Lost"/> ended the run; null while the lock is held.</summary>
    public Func<JobException?> Loss { get; init; } = static () => null;

    public static RunLockState Of(HeldLease held) => new(held, null)
    {
        Lost = held.Lost,
        AfterLoss = held.AfterLoss,
        Loss = () => held.LossReason is { } reason
            ? new($"The run was stopped because it lost the lease {held.Title} ({reason}): run again, and check the API server's health if it happens often.")
            : null,
    };

    public ValueTask DisposeAsync() => lease?.DisposeAsync() ?? ValueTask.CompletedTask;
}
