namespace ClusterTrust.Sandbox;

/// <summary>A clock on which every pause is over as soon as it begins, and has then passed.</summary>
public sealed class SwiftClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();

    public DateTimeOffset Now { get; set; } = start;

    /// <summary>Whether pauses never end.</summary>
    public bool IsFrozen { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SwiftClock clock, TimerCallback callback, object? state) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime >= TimeSpan.Zero && !clock.IsFrozen)
            {
                lock (clock._gate)
                {
                    clock.Now += dueTime;
                }

                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }

            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
