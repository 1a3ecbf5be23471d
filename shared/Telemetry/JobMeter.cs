using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClusterTrust.Telemetry;

/// <summary>
/// What the jobs measure. The names are Prometheus names, the same wherever they are read: alerts and dashboards use exactly these.
/// Counters are named without their <c>_total</c>, which Prometheus adds. Nothing is kept unless somebody listens.
/// </summary>
public static class JobMeter
{
    /// <summary>The name of the meter and of the trace source.</summary>
    public const string Name = "ClusterTrust";

    /// <summary>How long the run took, in seconds; <c>job</c>, <c>command</c>, <c>exit_code</c>.</summary>
    public const string RunDuration = "clustertrust_run_duration_seconds";

    /// <summary>When a run of this job last succeeded, Unix seconds; set by successful runs only; <c>job</c>, <c>command</c>.</summary>
    public const string LastSuccess = "clustertrust_last_success_timestamp_seconds";

    /// <summary>HTTP requests sent (<c>_total</c>); <c>server</c>, <c>status</c> (<c>none</c> without an answer).</summary>
    public const string Requests = "clustertrust_http_requests";

    /// <summary>
    /// Requests that a server's budget still allowed when it was last heard of: GitHub's hourly one as it says itself, Key Vault's imports
    /// in ten seconds as they are paced, at the run's lowest; <c>server</c>.
    /// </summary>
    public const string RequestsLeft = "clustertrust_requests_left";

    private static readonly Meter Meter = new(Name);
    private static readonly Gauge<double> RunDurations = Meter.CreateGauge<double>(RunDuration, description: "How long the run took.");
    private static readonly Gauge<double> LastSuccesses = Meter.CreateGauge<double>(LastSuccess, description: "When a run last succeeded.");
    private static readonly Gauge<double> BudgetsLeft = Meter.CreateGauge<double>(RequestsLeft, description: "Requests that the server's budget still allowed.");
    private static readonly Counter<long> RequestCount = Meter.CreateCounter<long>(Requests, description: "HTTP requests sent.");

    /// <summary>The source of the run's own span.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>A gauge of a job's own.</summary>
    public static Gauge<double> CreateGauge(string name, string description) => Meter.CreateGauge<double>(name, description: description);

    /// <summary>A counter of a job's own, named without <c>_total</c>.</summary>
    public static Counter<long> CreateCounter(string name, string description) => Meter.CreateCounter<long>(name, description: description);

    /// <summary>Records how many requests a server's budget still allows.</summary>
    /// <param name="server">Its host name.</param>
    /// <param name="count">How many.</param>
    public static void RecordRequestsLeft(string server, long count) => BudgetsLeft.Record(count, new KeyValuePair<string, object?>("server", server));

    /// <summary>Counts a request.</summary>
    internal static void CountRequest(object server, object status) => RequestCount.Add(1, new("server", server), new("status", status));

    /// <summary>Records how a run ended.</summary>
    internal static void RecordRun(string job, string command, int exitCode, TimeSpan duration, DateTimeOffset now)
    {
        RunDurations.Record(duration.TotalSeconds, new("job", job), new("command", command), new("exit_code", exitCode));
        if (exitCode == 0)
        {
            LastSuccesses.Record(now.ToUnixTimeSeconds(), new("job", job), new("command", command));
        }
    }
}
