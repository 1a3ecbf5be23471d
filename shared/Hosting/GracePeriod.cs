namespace ClusterTrust.Hosting;

/// <summary>
/// A token for the item in hand: it is cancelled a while after the run was asked to stop, so that the item is finished if that is
/// possible before the kubelet kills the process (<c>terminationGracePeriodSeconds</c>, 30 s unless set).
/// </summary>
public sealed class GracePeriod : IDisposable
{
    /// <summary>How long an item may go on by default.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource end;
    private readonly CancellationTokenRegistration registration;

    /// <param name="clock">Measures the time.</param>
    /// <param name="stopping">Cancelled when the run is asked to stop.</param>
    public GracePeriod(TimeProvider clock, CancellationToken stopping)
        : this(clock, Default, stopping)
    {
    }

    /// <param name="clock">Measures the time.</param>
    /// <param name="length">How long an item may go on.</param>
    /// <param name="stopping">Cancelled when the run is asked to stop.</param>
    public GracePeriod(TimeProvider clock, TimeSpan length, CancellationToken stopping)
    {
        var source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        end = source;
        registration = stopping.Register(() => source.CancelAfter(length));
    }

    /// <summary>Ends the item in hand.</summary>
    public CancellationToken Token => end.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        registration.Dispose();
        end.Dispose();
    }
}
