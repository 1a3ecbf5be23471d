using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Telemetry;

/// <summary>The destinations of a run's metrics besides OTLP; null for none.</summary>
internal sealed record MetricTargets(string? File, Uri? Pushgateway);

/// <summary>The telemetry of one run: starts before the job, and exports after it. Does nothing unless it is configured.</summary>
internal sealed class TelemetrySession : IDisposable
{
    private readonly (string Job, string Command) _run;
    private readonly OtlpExport? _otlp;
    private readonly RequestCounter? _requests;
    private readonly MetricCollector? _collector;
    private readonly PrometheusTargets? _prometheus;
    private readonly Activity? _span;

    public TelemetrySession(string job, string command, string runId, string version, MetricTargets targets, Func<string, string?> variable, ILogger log)
    {
        _run = (job, command);
        _otlp = OtlpExport.StartIfConfigured(job, version, variable);
        if (targets is not (null, null))
        {
            _collector = new MetricCollector();
            _prometheus = new PrometheusTargets(job, targets.File, targets.Pushgateway, log);
        }

        _requests = _otlp is not null || _collector is not null ? new RequestCounter() : null;
        _span = JobMeter.Source.StartActivity($"{job} {command}");
        _span?.SetTag("clustertrust.run_id", runId);
    }

    /// <summary>Records how the run ended and exports everything within the timeout.</summary>
    /// <param name="isSuccess">Whether the run did its work.</param>
    /// <param name="message">The summary of the run.</param>
    public async Task EndAsync(int exitCode, bool isSuccess, string message, TimeSpan duration, TimeSpan timeout, TimeProvider clock)
    {
        JobMeter.RecordRun(_run.Job, _run.Command, exitCode, isSuccess, duration, clock.GetUtcNow());
        _span?.SetTag("clustertrust.exit_code", exitCode);
        _span?.SetStatus(isSuccess || exitCode == 0 ? ActivityStatusCode.Ok : ActivityStatusCode.Error, message);
        _span?.Dispose();
        using var end = new CancellationTokenSource(timeout, clock);
        var push = _prometheus?.WriteAsync(_collector!.Samples(), end.Token) ?? Task.CompletedTask;
        _otlp?.Flush(timeout);
        await push;
    }

    public void Dispose()
    {
        _span?.Dispose();
        _requests?.Dispose();
        _collector?.Dispose();
        _otlp?.Dispose();
    }
}
