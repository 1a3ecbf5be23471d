using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClusterTrust.Telemetry;

/// <summary>
/// The jobs' metrics. The names are Prometheus names, the same over every protocol: alerts and dashboards use exactly these.
/// Counters are named without <c>_total</c>, which Prometheus adds.
/// </summary>
public static class JobMeter
{
    /// <summary>The name of the meter and of the trace source.</summary>
    public const string Name = "ClusterTrust";

    /// <summary>The duration of the run in seconds; <c>job</c>, <c>command</c>, <c>exit_code</c>.</summary>
    public const string RunDuration = "clustertrust_run_duration_seconds";

    /// <summary>The time of the last successful run, Unix seconds; <c>job</c>, <c>command</c>.</summary>
    public const string LastSuccess = "clustertrust_last_success_timestamp_seconds";

    /// <summary>HTTP requests sent (<c>_total</c>); <c>server</c>, <c>status</c> (<c>none</c> without a response).</summary>
    public const string Requests = "clustertrust_http_requests";

    /// <summary>
    /// The requests that a server's budget still allowed: GitHub's hourly budget by its latest response; Key Vault's imports in ten seconds as
    /// they are paced, at the run's lowest; <c>server</c>.
    /// </summary>
    public const string RequestsLeft = "clustertrust_requests_left";

    private static readonly Meter Meter = new(Name);
    private static readonly JobGauge RunDurations = CreateGauge(RunDuration, "How long the run took.");
    private static readonly JobGauge LastSuccesses = CreateGauge(LastSuccess, "When a run last succeeded.");
    private static readonly JobGauge BudgetsLeft = CreateGauge(RequestsLeft, "Requests that the server's budget still allowed.");
    private static readonly JobCounter RequestCount = CreateCounter(Requests, "HTTP requests sent.");

    /// <summary>The source of the run's own span.</summary>
    public static ActivitySource Source { get; } = new(Name);

    public static JobGauge CreateGauge(string name, string description) => new(Meter.CreateGauge<double>(name, description: description));

    /// <summary>Creates a counter, named without <c>_total</c>.</summary>
    public static JobCounter CreateCounter(string name, string description) => new(Meter.CreateCounter<long>(name, description: description));

    /// <summary>Sanitizes every label of a metric.</summary>
    internal static KeyValuePair<string, object?>[] Sanitize(ReadOnlySpan<KeyValuePair<string, object?>> labels) => Array.ConvertAll(
        labels.ToArray(), static label => new KeyValuePair<string, object?>(label.Key, Sanitizer.Sanitize(Convert.ToString(label.Value, CultureInfo.InvariantCulture))));

    /// <summary>Records the requests that a server's budget still allows.</summary>
    public static void RecordRequestsLeft(string server, long count) => BudgetsLeft.Record(count, new KeyValuePair<string, object?>("server", server));

    internal static void CountRequest(object server, object status) => RequestCount.Add(1, new("server", server), new("status", status));

    /// <summary>Records the end of a run.</summary>
    /// <param name="isSuccess">Whether the run completed its work. A skipped run did not, although it exits with 0.</param>
    internal static void RecordRun(string job, string command, int exitCode, bool isSuccess, TimeSpan duration, DateTimeOffset now)
    {
        RunDurations.Record(duration.TotalSeconds, new("job", job), new("command", command), new("exit_code", exitCode));
        if (isSuccess)
        {
            LastSuccesses.Record(now.ToUnixTimeSeconds(), new("job", job), new("command", command));
        }
    }
}

/// <summary>A gauge whose labels are sanitized.</summary>
public sealed class JobGauge(Gauge<double> gauge)
{
    public void Record(double value, params ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (gauge.Enabled)
        {
            gauge.Record(value, JobMeter.Sanitize(labels));
        }
    }
}

/// <summary>A counter whose labels are sanitized.</summary>
public sealed class JobCounter(Counter<long> counter)
{
    public void Add(long count, params ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (counter.Enabled)
        {
            counter.Add(count, JobMeter.Sanitize(labels));
        }
    }
}
