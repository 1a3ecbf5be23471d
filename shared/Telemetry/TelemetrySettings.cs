using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.Telemetry;

/// <summary>Where metrics go besides OTLP, which OpenTelemetry's own variables configure (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, …).</summary>
public static class TelemetrySettings
{
    /// <summary>A file for node-exporter's textfile collector.</summary>
    public static Setting<string?> MetricsFile { get; } = Setting.FilePath(
        "--metrics-file", "Write the run's metrics to this file in Prometheus' text format, for node-exporter's textfile collector (NAME.prom).", mustBeReadable: false).Optional();

    /// <summary>A Pushgateway.</summary>
    public static Setting<Uri?> Pushgateway { get; } = Setting.Of(
        "--pushgateway",
        "Push the run's metrics to this Prometheus Pushgateway.",
        "URL",
        static text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "", UserInfo: "" }
            ? Parsed.Value(uri)
            : Parsed.Fault<Uri>("must be the Pushgateway's address, such as http://pushgateway.monitoring:9091")).Optional();

    /// <summary>Both.</summary>
    public static IReadOnlyList<Setting> All { get; } = [MetricsFile, Pushgateway];
}
