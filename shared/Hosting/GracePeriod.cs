namespace ClusterTrust.Hosting;

/// <summary>
/// The maximum times between a stop signal and the end of the process. Their sum is 25 s: the kubelet kills the
/// container 30 s after SIGTERM (<c>terminationGracePeriodSeconds</c>).
/// </summary>
public static class StopTimes
{
    /// <summary>The current item: 15 s; see <see cref="GracePeriod"/>.</summary>
    public static readonly TimeSpan Item = TimeSpan.FromSeconds(15);

    /// <summary>The release of the Lease: 3 s.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    /// <summary>The Event on the Job: 3 s.</summary>
    public static readonly TimeSpan Event = TimeSpan.FromSeconds(3);

    /// <summary>Metrics and traces, after the termination message is written: 4 s.</summary>
    public static readonly TimeSpan Telemetry = TimeSpan.FromSeconds(4);
}

/// <summary>Gives the current item time to finish: its token is cancelled a fixed time after the stop signal or the loss of the Lease.</summary>
public sealed class GracePeriod : IDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly IDisposable[] _parts;

    /// <param name="stopping">Cancelled when the run must stop; the item then has <see cref="StopTimes.Item"/>.</param>
    public GracePeriod(TimeProvider clock, CancellationToken stopping)
        : this(clock, Timeout.InfiniteTimeSpan, CancellationToken.None, stopping)
    {
    }

    /// <param name="afterLoss">The time until another run may hold the Lease.</param>
    /// <param name="lost">Cancelled when the run loses its Lease; the item then has <paramref name="afterLoss"/>.</param>
    /// <param name="stopping">Cancelled when the run must stop; the item then has <see cref="StopTimes.Item"/>.</param>
    public GracePeriod(TimeProvider clock, TimeSpan afterLoss, CancellationToken lost, CancellationToken stopping)
    {
        // One timer each: a stop signal after the loss must not give the item more time.
        var byStop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        var byLoss = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _end = CancellationTokenSource.CreateLinkedTokenSource(byStop.Token, byLoss.Token);
        _parts = [stopping.Register(() => byStop.CancelAfter(StopTimes.Item)), lost.Register(() => byLoss.CancelAfter(afterLoss)), _end, byStop, byLoss];
    }

    /// <summary>Cancelled when the current item must end.</summary>
    public CancellationToken Token => _end.Token;

    public void Dispose() => Array.ForEach(_parts, static part => part.Dispose());
}
