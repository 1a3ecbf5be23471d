using System.Net.Http.Headers;

namespace ClusterTrust.Telemetry;

/// <summary>Writes a run's metrics for Prometheus, which cannot scrape a process that has ended. Never fails a run.</summary>
/// <param name="job">The job's name, by which a Pushgateway groups.</param>
/// <param name="instance">The part of the job, which has a group of its own; null for the whole. In one group, each part would replace the metrics of the others.</param>
/// <param name="file">The file for node-exporter's textfile collector; null for none.</param>
/// <param name="pushgateway">The address of the Pushgateway; null for none.</param>
/// <param name="log">Logs faults.</param>
internal sealed class PrometheusTargets(string job, string? instance, string? file, Uri? pushgateway, ILogger log)
{
    public async Task WriteAsync(IReadOnlyList<MetricSample> samples, CancellationToken cancellationToken)
    {
        var text = PrometheusText.Write(samples);
        if (file is not null)
        {
            WriteFile(file, text);
        }

        if (pushgateway is not null)
        {
            await PushAsync(pushgateway, text, cancellationToken);
        }
    }

    private void WriteFile(string path, string text)
    {
        try
        {
            // node-exporter may read at any time: a rename is atomic.
            var temporary = $"{path}.{Environment.ProcessId}";
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            log.MetricsNotWritten(path, fault.Message);
        }
    }

    private async Task PushAsync(Uri address, string text, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new HttpClient { MaxResponseContentBufferSize = 64 * 1024 };
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/plain; version=0.0.4; charset=utf-8");
            // POST replaces metrics of the same name only, so that the last success of an earlier run stays.
            using var response = await client.PostAsync(new Uri($"{address.AbsoluteUri.TrimEnd('/')}/metrics/job/{job}{(instance is null ? "" : $"/instance/{instance}")}"), content, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                log.MetricsNotWritten(address.Host, $"it answered {(int)response.StatusCode}");
            }
        }
        catch (HttpRequestException fault)
        {
            log.MetricsNotWritten(address.Host, fault.Message);
        }
        catch (OperationCanceledException)
        {
            log.MetricsNotWritten(address.Host, "it took too long");
        }
    }
}

/// <summary>Formats metrics in Prometheus' text exposition format, version 0.0.4.</summary>
internal static class PrometheusText
{
    /// <summary>Formats samples; those of one name must follow one another.</summary>
    public static string Write(IEnumerable<MetricSample> samples)
    {
        var text = new StringBuilder();
        string? last = null;
        foreach (var sample in samples)
        {
            if (sample.Name != last)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {sample.Name} {Escape(sample.Help)}\n# TYPE {sample.Name} {(sample.IsCounter ? "counter" : "gauge")}\n");
                last = sample.Name;
            }

            var labels = string.Join(',', sample.Labels.Select(static label => $"{label.Key}=\"{Escape(label.Value).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
            text.Append(CultureInfo.InvariantCulture, $"{sample.Name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {sample.Value:R}\n");
        }

        return text.ToString();
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}

internal static partial class TelemetryLog
{
    [LoggerMessage(40, LogLevel.Warning, "the run's metrics could not be written to {target}: {reason}")]
    public static partial void MetricsNotWritten(this ILogger logger, string target, string reason);

    [LoggerMessage(41, LogLevel.Warning, "metrics and traces are not exported over OTLP ({fault}): correct the OTEL_ variables; OTEL_EXPORTER_OTLP_HEADERS has the form NAME=VALUE,NAME=VALUE with percent-encoded values")]
    public static partial void OtlpNotStarted(this ILogger logger, string fault);
}
