using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ClusterTrust.Telemetry;

/// <summary>Sends metrics and traces over OTLP, configured by OpenTelemetry's own variables. Never fails a run.</summary>
internal sealed class OtlpExport : IDisposable
{
    private const string HttpInstrumentation = "System.Net.Http";

    private static readonly string[] EndpointVariables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    private readonly MeterProvider metrics;
    private readonly TracerProvider traces;

    private OtlpExport(string job, string version)
    {
        var resource = ResourceBuilder.CreateDefault().AddService(job, "clustertrust", version, autoGenerateServiceInstanceId: false).AddEnvironmentVariableDetector();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(JobMeter.Name, HttpInstrumentation).AddOtlpExporter().Build();
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(JobMeter.Name, HttpInstrumentation).AddOtlpExporter().Build();
    }

    /// <summary>Begins, if an endpoint is configured.</summary>
    public static OtlpExport? StartIfConfigured(string job, string version, Func<string, string?> variable) =>
        EndpointVariables.Any(name => !string.IsNullOrWhiteSpace(variable(name))) && !IsTrue(variable("OTEL_SDK_DISABLED"))
            ? new OtlpExport(job, version)
            : null;

    /// <summary>Sends what is left, within a bound.</summary>
    public void Flush(TimeSpan timeout)
    {
        var milliseconds = (int)timeout.TotalMilliseconds;
        Task.WaitAll(
            [Task.Run(() => metrics.Shutdown(milliseconds)), Task.Run(() => traces.Shutdown(milliseconds))],
            milliseconds + 500);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        metrics.Dispose();
        traces.Dispose();
    }

    private static bool IsTrue(string? text) => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);
}
