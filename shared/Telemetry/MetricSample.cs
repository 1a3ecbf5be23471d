namespace ClusterTrust.Telemetry;

/// <summary>One value of one metric.</summary>
/// <param name="Name">The metric's name, with <c>_total</c> for a counter.</param>
/// <param name="Help">What it means.</param>
/// <param name="IsCounter">A counter; else a gauge.</param>
/// <param name="Labels">Its labels, in order.</param>
/// <param name="Value">The value.</param>
public sealed record MetricSample(string Name, string Help, bool IsCounter, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value);
