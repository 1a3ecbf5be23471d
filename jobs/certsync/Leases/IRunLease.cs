namespace ClusterTrust.CertSync.Leases;

/// <summary>The lock that prevents concurrent runs. Disposing releases it.</summary>
public interface IRunLease : IAsyncDisposable
{
    /// <summary>Cancelled when the lock is lost: finish the current items and stop.</summary>
    CancellationToken Lost { get; }

    /// <summary>The time from <see cref="Lost"/> until another run may hold the lock.</summary>
    TimeSpan AfterLoss { get; }

    /// <summary>Why <see cref="Lost"/> was cancelled; null while the lock is held.</summary>
    JobException? Loss { get; }

    /// <summary>
    /// Acquires the lock, once. A holder that does not renew it may have been killed: the call waits until the lock expires, because the Job's next
    /// pod would otherwise do nothing and end successfully.
    /// </summary>
    /// <returns>Null if this run holds the lock now; otherwise the run that holds it, one sentence.</returns>
    Task<string?> AcquireAsync(CancellationToken cancellationToken);
}
