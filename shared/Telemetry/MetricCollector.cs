using System.Diagnostics.Metrics;
using System.Globalization;

namespace ClusterTrust.Telemetry;

/// <summary>One value of one metric.</summary>
/// <param name="Name">The metric's name, with <c>_total</c> for a counter.</param>
/// <param name="Help">What it means.</param>
/// <param name="IsCounter">A counter; else a gauge.</param>
/// <param name="Labels">Its labels, in order.</param>
/// <param name="Value">The value.</param>
public sealed record MetricSample(string Name, string Help, bool IsCounter, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value);

/// <summary>Keeps what the jobs measure until the run's end.</summary>
public sealed class MetricCollector : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MetricSample> _samples = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <summary>Begins to listen.</summary>
    public MetricCollector()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == JobMeter.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The values so far, ordered by name and labels.</summary>
    public IReadOnlyList<MetricSample> Samples()
    {
        lock (_gate)
        {
            return [.. _samples.OrderBy(static sample => sample.Key, StringComparer.Ordinal).Select(static sample => sample.Value)];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

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
        lock (_gate)
        {
            _samples[key] = sample.IsCounter && _samples.TryGetValue(key, out var before) ? sample with { Value = before.Value + sample.Value } : sample;
        }
    }
}
