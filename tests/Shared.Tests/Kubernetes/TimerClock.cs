namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A clock that only the test advances, once the code under test has started the timer that is to elapse.</summary>
internal sealed class TimerClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly List<TimeSpan> _timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_timers)
        {
            _timers.Add(dueTime);
        }

        return timer;
    }

    /// <summary>The number of timers of exactly this time that were started.</summary>
    public int Started(TimeSpan dueTime)
    {
        lock (_timers)
        {
            return _timers.Count(timer => timer == dueTime);
        }
    }

    /// <summary>Waits until a timer of this time has been started, and advances by it.</summary>
    public async Task AdvanceAsync(TimeSpan dueTime)
    {
        await UntilAsync(() => Started(dueTime) > 0);
        Advance(dueTime);
    }

    /// <summary>Waits for other threads.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!condition())
        {
            await Task.Delay(5, deadline.Token);
        }
    }
}
