namespace ClusterTrust.Sandbox.Telemetry;

/// <summary>One span, as it came over OTLP.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TraceId">The trace, base64.</param>
/// <param name="SpanId">Its id, base64.</param>
/// <param name="ParentId">The id of the span around it; empty for the outermost.</param>
/// <param name="Status">Such as <c>STATUS_CODE_OK</c>.</param>
/// <param name="Attributes">What is said of it.</param>
public sealed record OtlpSpan(
    string Name, string TraceId, string SpanId, string ParentId, string Status, IReadOnlyDictionary<string, string> Attributes);
