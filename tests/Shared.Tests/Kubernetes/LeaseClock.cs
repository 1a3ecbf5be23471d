using Microsoft.Extensions.Time.Testing;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A clock that stands still unless told, and that tells how often somebody began to wait for a certain time.</summary>
internal sealed class LeaseClock(DateTimeOffset start, TimeSpan watched) : FakeTimeProvider(start)
{
    private int waits;

    /// <summary>How often somebody began to wait for exactly the watched time.</summary>
    public int Waits => Volatile.Read(ref waits);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == watched)
        {
            Interlocked.Increment(ref waits);
        }

        return timer;
    }
}
