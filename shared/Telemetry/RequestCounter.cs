using System.Diagnostics.Metrics;

namespace ClusterTrust.Telemetry;

/// <summary>
/// Counts the HTTP requests that .NET measures into <see cref="JobMeter.Requests"/>, so that they have the same name over OTLP and in
/// Prometheus' text. Dispose ends it.
/// </summary>
internal sealed class RequestCounter : IDisposable
{
    private const string HttpMeter = "System.Net.Http";
    private const string HttpDuration = "http.client.request.duration";

    private readonly MeterListener listener = new();

    /// <summary>Begins to count.</summary>
    public RequestCounter()
    {
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == HttpMeter && instrument.Name == HttpDuration)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };

        // A histogram: each of its values is one request.
        listener.SetMeasurementEventCallback<double>(static (_, _, tags, _) => JobMeter.CountRequest(
            ValueOf(tags, "server.address"), ValueOf(tags, "http.response.status_code")));
        listener.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private static object ValueOf(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var (key, value) in tags)
        {
            if (key == name && value is not null)
            {
                return value;
            }
        }

        return "none";
    }
}
