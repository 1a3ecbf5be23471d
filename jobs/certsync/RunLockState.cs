using ClusterTrust.Kubernetes.Leases;

namespace ClusterTrust.CertSync;

/// <summary>What came of asking for the lock; dispose of it to let the next run in.</summary>
/// <param name="lease">The Lease, if it was taken.</param>
/// <param name="holder">Who has it, if somebody else has; one sentence.</param>
public sealed class RunLockState(HeldLease? lease, string? holder) : IAsyncDisposable
{
    /// <summary>A run that does without the lock.</summary>
    public static RunLockState Unlocked { get; } = new(null, null);

    /// <summary>Who else has the lock, one sentence; null when this run may go on.</summary>
    public string? Holder { get; } = holder;

    /// <summary>Is cancelled when the lock was lost: finish the items in hand and stop.</summary>
    public CancellationToken Lost => lease?.Lost ?? CancellationToken.None;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => lease?.DisposeAsync() ?? ValueTask.CompletedTask;
}
