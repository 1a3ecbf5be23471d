namespace ClusterTrust.CertSync.Vaults;

/// <summary>Delays imports so that no window of time has more than the vault accepts.</summary>
/// <param name="limit">Imports in a window, at least 1. That many start at once.</param>
public sealed class ImportPacer(int limit, TimeSpan window, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset[] _starts = new DateTimeOffset[limit];
    private long _count;

    /// <summary>The smallest number of imports that were left in a window so far.</summary>
    public int FewestLeft { get; private set; } = limit;

    /// <summary>Waits until the next import may start.</summary>
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
            var now = time.GetUtcNow();
            var place = (int)(_count % _starts.Length);
            var start = _count >= _starts.Length && _starts[place] + window > now ? _starts[place] + window : now;
            _starts[place] = start;
            _count++;
            FewestLeft = Math.Min(FewestLeft, _starts.Count(one => one + window <= start));
            return start - now;
        }
    }
}
