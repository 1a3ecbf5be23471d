using System.Diagnostics;
using ClusterTrust.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ClusterTrust.Telemetry;

/// <summary>Exports metrics and traces over OTLP, configured by OpenTelemetry's own variables. Never fails a run.</summary>
internal sealed class OtlpExport : IDisposable
{
    private const string HttpInstrumentation = "System.Net.Http";

    private static readonly string[] EndpointVariables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    private readonly MeterProvider _metrics;
    private readonly TracerProvider _traces;
    private bool _isHanging;

    private OtlpExport(string job, string version)
    {
        var resource = ResourceBuilder.CreateDefault().AddService(job, "clustertrust", version, autoGenerateServiceInstanceId: false).AddEnvironmentVariableDetector();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(JobMeter.Name, HttpInstrumentation).AddOtlpExporter().Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(JobMeter.Name, HttpInstrumentation)
            .AddProcessor(new SanitizingProcessor()).AddOtlpExporter().Build();
    }

    /// <summary>Starts the export if an endpoint is configured.</summary>
    public static OtlpExport? StartIfConfigured(string job, string version, Func<string, string?> variable) =>
        EndpointVariables.Any(name => !string.IsNullOrWhiteSpace(variable(name))) && !IsTrue(variable("OTEL_SDK_DISABLED"))
            ? new OtlpExport(job, version)
            : null;

    /// <summary>Exports the remaining values within the timeout.</summary>
    public void Flush(TimeSpan timeout)
    {
        var milliseconds = (int)timeout.TotalMilliseconds;
        _isHanging = !Task.WaitAll(
            [Task.Run(() => _metrics.Shutdown(milliseconds)), Task.Run(() => _traces.Shutdown(milliseconds))],
            milliseconds);
    }

    public void Dispose()
    {
        // Disposing would wait once more for a collector that does not answer.
        if (!_isHanging)
        {
            _metrics.Dispose();
            _traces.Dispose();
        }
    }

    private static bool IsTrue(string? text) => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Sanitizes the name, the status and the tags of every span before it is exported.</summary>
internal sealed class SanitizingProcessor : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        data.DisplayName = Sanitizer.Sanitize(data.DisplayName);
        if (data.StatusDescription is { } description)
        {
            data.SetStatus(data.Status, Sanitizer.Sanitize(description, Sanitizer.MessageLength));
        }

        foreach (var (key, value) in data.TagObjects.ToArray())
        {
            if (value is not (null or bool or int or long or double))
            {
                data.SetTag(key, Sanitizer.Sanitize(value.ToString()));
            }
        }
    }
}
