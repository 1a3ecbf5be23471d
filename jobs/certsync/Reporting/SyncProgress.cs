using ClusterTrust.Hosting.Output;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Shows the progress on a terminal: certificates done, their rate, and the last one begun.</summary>
public sealed class SyncProgress(ProgressLine line, int total, TimeProvider clock) : IDisposable
{
    private readonly long _started = clock.GetTimestamp();
    private int _done;
    private string _current = "";

    public void Begin(string name)
    {
        _current = name;
        Show();
    }

    public void End()
    {
        Interlocked.Increment(ref _done);
        Show();
    }

    public void Dispose() => line.Clear();

    private void Show()
    {
        if (line.IsShown)
        {
            var rate = _done / Math.Max(clock.GetElapsedTime(_started).TotalSeconds, 0.001);
            line.Show(string.Create(CultureInfo.InvariantCulture, $"{_done} of {total} certificates, {rate:0.0}/s, {_current}"));
        }
    }
}
