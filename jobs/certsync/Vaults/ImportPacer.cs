namespace ClusterTrust.CertSync.Vaults;

/// <summary>Spreads imports so that no window of time sees more than the vault takes. The first <paramref name="limit"/> start at once.</summary>
/// <param name="limit">Imports in a window, at least 1.</param>
/// <param name="window">The length of the window.</param>
/// <param name="time">Tells the time and waits.</param>
public sealed class ImportPacer(int limit, TimeSpan window, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly DateTimeOffset[] starts = new DateTimeOffset[limit];
    private long count;

    /// <summary>How many imports the window still had room for at the fullest; all of them before the first.</summary>
    public int FewestLeft { get; private set; } = limit;

    /// <summary>Waits until the next import may start.</summary>
    public async Task WaitAsync(CancellationToken cancellation = default)
    {
        var delay = Reserve();
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, time, cancellation);
        }
    }

    /// <summary>Takes the next place: not before the import that is a whole window's worth of places ahead has left the window.</summary>
    private TimeSpan Reserve()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var place = (int)(count % starts.Length);
            var start = count >= starts.Length && starts[place] + window > now ? starts[place] + window : now;
            starts[place] = start;
            count++;
            FewestLeft = Math.Min(FewestLeft, starts.Count(one => one + window <= start));
            return start - now;
        }
    }
}
