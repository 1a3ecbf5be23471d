namespace ClusterTrust.Sandbox.Telemetry;

/// <summary>One value of one metric, as it came over OTLP.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Kind">gauge, sum or histogram.</param>
/// <param name="Resource">Who measured.</param>
/// <param name="Attributes">The value's labels.</param>
/// <param name="Value">The value; a histogram's count.</param>
public sealed record OtlpPoint(
    string Name, string Kind, IReadOnlyDictionary<string, string> Resource, IReadOnlyDictionary<string, string> Attributes, double Value);
