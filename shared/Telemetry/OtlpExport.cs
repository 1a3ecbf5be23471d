using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
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
    private readonly ActivityListener _exceptions = new() { ShouldListenTo = static source => source.Name == HttpInstrumentation, ExceptionRecorder = Sanitize };
    private bool _isHanging;

    private OtlpExport(string job, string version, IConfiguration variables)
    {
        var resource = ResourceBuilder.CreateDefault().AddService(job, "clustertrust", version, autoGenerateServiceInstanceId: false).AddEnvironmentVariableDetector();
        _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(Configure).SetResourceBuilder(resource).AddMeter(JobMeter.Name, HttpInstrumentation).AddOtlpExporter().Build();
        _traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(Configure).SetResourceBuilder(resource).AddSource(JobMeter.Name, HttpInstrumentation)
            .AddProcessor(new SanitizingProcessor()).AddOtlpExporter().Build();
        ActivitySource.AddActivityListener(_exceptions);

        void Configure(IServiceCollection services) => services.AddSingleton(variables);
    }

    /// <summary>Starts the export if an endpoint is configured. An invalid variable is logged.</summary>
    public static OtlpExport? StartIfConfigured(string job, string version, IReadOnlyDictionary<string, string> variables, ILogger log)
    {
        if (!EndpointVariables.Any(name => !string.IsNullOrWhiteSpace(variables.GetValueOrDefault(name)))
            || string.Equals(variables.GetValueOrDefault("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            return new OtlpExport(job, version, Configuration(variables));
        }
        catch (Exception fault)
        {
            // Whatever the SDK throws, the run continues. Its message may quote the headers, which contain credentials.
            log.OtlpNotStarted(fault.GetType().Name);
            return null;
        }
    }

    private static IConfiguration Configuration(IReadOnlyDictionary<string, string> variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Where(static variable => variable.Key.StartsWith("OTEL_", StringComparison.Ordinal))!)
        .Build();

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
        _exceptions.Dispose();

        // Disposing would wait again for a collector that does not respond.
        if (!_isHanging)
        {
            _metrics.Dispose();
            _traces.Dispose();
        }
    }

    /// <summary>Replaces what .NET would record of an exception. Events of a span cannot be changed later.</summary>
    private static void Sanitize(Activity activity, Exception exception, ref TagList tags)
    {
        tags.Add("exception.message", Sanitizer.Sanitize(exception.Message, Sanitizer.MessageLength));
        tags.Add("exception.stacktrace", Sanitizer.SanitizeLines(exception.ToString()));
    }
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
