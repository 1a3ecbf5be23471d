using System.Diagnostics;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Telemetry;

/// <summary>The telemetry of one run: begun before the job, handed on after it. Costs nothing where nobody asked for it.</summary>
internal sealed class TelemetrySession : IDisposable
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly JobRun run;
    private readonly OtlpExport? otlp;
    private readonly RequestCounter? requests;
    private readonly MetricCollector? collector;
    private readonly PrometheusTargets? targets;
    private readonly Activity? span;

    /// <param name="run">The run at hand.</param>
    /// <param name="values">Where metrics go.</param>
    /// <param name="variable">The environment.</param>
    /// <param name="log">Where failures are told.</param>
    public TelemetrySession(JobRun run, SettingValues values, Func<string, string?> variable, ILogger log)
    {
        this.run = run;
        otlp = OtlpExport.StartIfConfigured(run.Job, JobVersion.Current, variable);
        values.TryGet(TelemetrySettings.MetricsFile, out var file);
        values.TryGet(TelemetrySettings.Pushgateway, out var pushgateway);
        if (file is not null || pushgateway is not null)
        {
            collector = new MetricCollector();
            targets = new PrometheusTargets(run.Job, file, pushgateway, log);
        }

        requests = otlp is not null || collector is not null ? new RequestCounter() : null;
        span = JobMeter.Source.StartActivity($"{run.Job} {run.Command}");
        span?.SetTag("clustertrust.run_id", run.RunId);
    }

    /// <summary>Records how the run ended and hands everything on, within a bound.</summary>
    public async Task EndAsync(JobResult result, TimeSpan duration, DateTimeOffset now)
    {
        JobMeter.RecordRun(run.Job, run.Command ?? "", (int)result.ExitCode, duration, now);
        span?.SetTag("clustertrust.exit_code", (int)result.ExitCode);
        span?.SetStatus(result.ExitCode == ExitCode.Done ? ActivityStatusCode.Ok : ActivityStatusCode.Error, result.Summary.Message);
        span?.Dispose();
        otlp?.Flush(FlushTimeout);
        if (targets is not null)
        {
            using var timeout = new CancellationTokenSource(FlushTimeout);
            await targets.WriteAsync(collector!.Samples(), timeout.Token);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        span?.Dispose();
        requests?.Dispose();
        collector?.Dispose();
        otlp?.Dispose();
    }
}
