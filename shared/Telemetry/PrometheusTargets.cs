using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Telemetry;

/// <summary>Hands a run's metrics to Prometheus, which cannot scrape a process that is gone. Never fails a run.</summary>
/// <param name="job">The job's name, by which a Pushgateway groups.</param>
/// <param name="file">The textfile, or null.</param>
/// <param name="pushgateway">The Pushgateway, or null.</param>
/// <param name="log">Logs a failure.</param>
public sealed class PrometheusTargets(string job, string? file, Uri? pushgateway, ILogger log)
{
    /// <summary>Writes the file, whole or not at all, and pushes.</summary>
    /// <param name="samples">The metrics.</param>
    /// <param name="cancellationToken">Bounds the push.</param>
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
            // node-exporter reads at any time: a rename is seen whole or not at all.
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
            using var client = new HttpClient();
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(PrometheusText.MediaType);
            // POST replaces metrics of the same name only, so that the last success of an earlier run stays.
            using var response = await client.PostAsync(new Uri($"{address.AbsoluteUri.TrimEnd('/')}/metrics/job/{job}"), content, cancellationToken);
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

internal static partial class TelemetryLog
{
    [LoggerMessage(40, LogLevel.Warning, "the run's metrics could not be handed to {target}: {reason}")]
    public static partial void MetricsNotWritten(this ILogger logger, string target, string reason);
}
