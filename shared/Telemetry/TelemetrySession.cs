using System.Diagnostics;

namespace ClusterTrust.Telemetry;

/// <summary>The telemetry of one run: starts before the job, and exports after it. Does nothing unless it is configured.</summary>
internal sealed class TelemetrySession : IDisposable
{
    private readonly (string Job, string Command) _run;
    private readonly OtlpExport? _otlp;
    private readonly MetricCollector? _collector;
    private readonly PrometheusTargets? _prometheus;
    private readonly Activity? _span;

    /// <param name="prometheus">The destinations besides OTLP; null for none.</param>
    public TelemetrySession(string job, string command, string runId, string version, PrometheusTargets? prometheus, IReadOnlyDictionary<string, string> variables, ILogger log)
    {
        (_run, _prometheus) = ((job, command), prometheus);
        _otlp = OtlpExport.StartIfConfigured(job, version, variables, log);
        _collector = _otlp is null && prometheus is null ? null : new MetricCollector();
        _span = JobMeter.Source.StartActivity($"{job} {command}");
        _span?.SetTag("clustertrust.run_id", runId);
    }

    /// <summary>Records how the run ended and exports everything within the timeout.</summary>
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
        _collector?.Dispose();
        _otlp?.Dispose();
    }
}
