namespace ClusterTrust.CertSync.Vaults;

/// <summary>Delays imports so that no time window contains more than the vault accepts.</summary>
/// <param name="limit">Imports in a window, at least 1. That many start at once.</param>
public sealed class ImportPacer(int limit, TimeSpan window, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _origin = time.GetTimestamp();
    private readonly TimeSpan[] _starts = [.. Enumerable.Repeat(-window, limit)];
    private int _next;

    /// <summary>The smallest number of remaining imports in a window so far.</summary>
    public int FewestLeft { get; private set; } = limit;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var delay = Reserve();
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, time, cancellationToken);
        }
    }

    /// <summary>Reserves the next start: not before the import <c>limit</c> places earlier has left the window.</summary>
    private TimeSpan Reserve()
    {
        lock (_gate)
        {
            // Not the time of day, which may be set back by hours.
            var now = time.GetElapsedTime(_origin);
            var start = _starts[_next] + window > now ? _starts[_next] + window : now;
            _starts[_next] = start;
            _next = (_next + 1) % _starts.Length;
            FewestLeft = Math.Min(FewestLeft, _starts.Count(one => one + window <= start));
            return start - now;
        }
    }
}
