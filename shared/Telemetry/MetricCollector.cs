using System.Diagnostics.Metrics;
using System.Globalization;

namespace ClusterTrust.Telemetry;

/// <summary>Keeps what the jobs measure until the run's end.</summary>
public sealed class MetricCollector : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, MetricSample> samples = new(StringComparer.Ordinal);
    private readonly MeterListener listener = new();

    /// <summary>Begins to listen.</summary>
    public MetricCollector()
    {
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == JobMeter.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.Start();
    }

    /// <summary>The values so far, ordered by name and labels.</summary>
    public IReadOnlyList<MetricSample> Samples()
    {
        lock (gate)
        {
            return [.. samples.OrderBy(static sample => sample.Key, StringComparer.Ordinal).Select(static sample => sample.Value)];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<KeyValuePair<string, string>>(tags.Length);
        foreach (var tag in tags)
        {
            labels.Add(new(tag.Key, Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? ""));
        }

        var isCounter = instrument is Counter<long>;
        Add(new MetricSample(isCounter ? instrument.Name + "_total" : instrument.Name, instrument.Description ?? "", isCounter, labels, value));
    }

    private void Add(MetricSample sample)
    {
        var key = $"{sample.Name} {string.Join(' ', sample.Labels.Select(static label => $"{label.Key}={label.Value}"))}";
        lock (gate)
        {
            samples[key] = sample.IsCounter && samples.TryGetValue(key, out var before) ? sample with { Value = before.Value + sample.Value } : sample;
        }
    }
}
