namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A clock that records waits of up to 30 seconds and ends them at once.</summary>
internal sealed class QuickClock : TimeProvider
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private TimeSpan _offset;

    /// <summary>The waits that were cut short, in order.</summary>
    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public void Advance(TimeSpan time) => _offset += time;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(_offset.TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero || dueTime > Longest)
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        Waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }
}
