namespace ClusterTrust.CertSync.Reporting;

/// <summary>Shows the progress on a terminal: certificates done, their rate, and the last one begun.</summary>
public sealed class SyncProgress(ProgressLine line, int total, TimeProvider clock) : IDisposable
{
    private readonly long _started = clock.GetTimestamp();
    private int _done;

    public void Begin(string name)
    {
        if (line.IsShown)
        {
            var rate = _done / Math.Max(clock.GetElapsedTime(_started).TotalSeconds, 0.001);
            line.Show(string.Create(CultureInfo.InvariantCulture, $"{_done} of {total} certificates, {rate:0.0}/s, {name}"));
        }
    }

    public void End() => Interlocked.Increment(ref _done);

    public void Dispose() => line.Clear();
}
