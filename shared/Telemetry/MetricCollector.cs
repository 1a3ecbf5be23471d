using System.Diagnostics.Metrics;

namespace ClusterTrust.Telemetry;

/// <summary>One value of one metric.</summary>
/// <param name="Name">The metric's name, with <c>_total</c> for a counter.</param>
/// <param name="IsCounter">Whether it is a counter, else a gauge.</param>
public sealed record MetricSample(string Name, string Help, bool IsCounter, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value);

/// <summary>
/// Collects the values of <see cref="JobMeter"/> until the end of the run, and counts the HTTP requests that .NET measures into
/// <see cref="JobMeter.Requests"/>, so that they have the same name over OTLP and in Prometheus' text.
/// </summary>
public sealed class MetricCollector : IDisposable
{
    private const string HttpMeter = "System.Net.Http";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, MetricSample> _samples = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MetricCollector()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == JobMeter.Name || instrument is { Meter.Name: HttpMeter, Name: "http.client.request.duration" })
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The current values, ordered by name and labels.</summary>
    public IReadOnlyList<MetricSample> Samples()
    {
        lock (_lock)
        {
            return [.. _samples.OrderBy(static sample => sample.Key, StringComparer.Ordinal).Select(static sample => sample.Value)];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (instrument.Meter.Name == HttpMeter)
        {
            // A histogram: each of its values is one request.
            JobMeter.CountRequest(ValueOf(tags, "server.address"), ValueOf(tags, "http.response.status_code"));
            return;
        }

        var labels = Array.ConvertAll(tags.ToArray(), static tag => KeyValuePair.Create(tag.Key, Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? ""));
        var isCounter = instrument is Counter<long>;
        var sample = new MetricSample(isCounter ? instrument.Name + "_total" : instrument.Name, instrument.Description ?? "", isCounter, labels, value);
        var key = $"{sample.Name} {string.Join(' ', sample.Labels.Select(static label => $"{label.Key}={label.Value}"))}";
        lock (_lock)
        {
            _samples[key] = isCounter && _samples.TryGetValue(key, out var before) ? sample with { Value = before.Value + sample.Value } : sample;
        }
    }

    private static object ValueOf(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name) =>
        Array.Find(tags.ToArray(), tag => tag.Key == name).Value ?? "none";
}
