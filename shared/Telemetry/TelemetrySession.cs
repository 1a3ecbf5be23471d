using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Telemetry;

/// <summary>Where a run's metrics go besides OTLP.</summary>
/// <param name="File">A file for node-exporter's textfile collector; null for none.</param>
/// <param name="Pushgateway">The address of a Pushgateway; null for none.</param>
internal sealed record MetricTargets(string? File, Uri? Pushgateway);

/// <summary>The telemetry of one run: starts before the job, and is handed on after it. Costs nothing unless it is configured.</summary>
internal sealed class TelemetrySession : IDisposable
{
    private readonly (string Job, string Command) _run;
    private readonly OtlpExport? _otlp;
    private readonly RequestCounter? _requests;
    private readonly MetricCollector? _collector;
    private readonly PrometheusTargets? _prometheus;
    private readonly Activity? _span;

    /// <param name="job">The job's name.</param>
    /// <param name="command">The command's name.</param>
    /// <param name="runId">Identifies the run.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="targets">Where metrics go.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="log">Logs failures.</param>
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

    /// <summary>Records how the run ended and hands everything on.</summary>
    /// <param name="exitCode">What the process exits with.</param>
    /// <param name="isSuccess">Whether the run did its work.</param>
    /// <param name="message">Its summary.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="timeout">The maximum time for handing it on.</param>
    /// <param name="clock">Measures it.</param>
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

    /// <inheritdoc/>
    public void Dispose()
    {
        _span?.Dispose();
        _requests?.Dispose();
        _collector?.Dispose();
        _otlp?.Dispose();
    }
}
