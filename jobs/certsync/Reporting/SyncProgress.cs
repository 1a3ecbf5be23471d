using System.Globalization;
using ClusterTrust.Hosting.Output;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Says on a terminal how many certificates are done, which one was begun last, and how many are done in a second.</summary>
/// <param name="line">Where.</param>
/// <param name="total">How many there are to do.</param>
/// <param name="clock">Measures the time.</param>
public sealed class SyncProgress(ProgressLine line, int total, TimeProvider clock) : IDisposable
{
    private readonly long started = clock.GetTimestamp();
    private int done;
    private string current = "";

    /// <summary>A certificate is begun.</summary>
    public void Begin(string name)
    {
        current = name;
        Show();
    }

    /// <summary>A certificate is done.</summary>
    public void End()
    {
        Interlocked.Increment(ref done);
        Show();
    }

    /// <summary>Clears the line.</summary>
    public void Dispose() => line.Clear();

    private void Show()
    {
        if (line.IsShown)
        {
            var rate = done / Math.Max(clock.GetElapsedTime(started).TotalSeconds, 0.001);
            line.Show(string.Create(CultureInfo.InvariantCulture, $"{done} of {total} certificates, {rate:0.0}/s, {current}"));
        }
    }
}
