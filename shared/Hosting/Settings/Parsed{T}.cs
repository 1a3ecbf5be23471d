namespace ClusterTrust.Hosting.Settings;

/// <summary>The outcome of parsing one setting: a value, or what would have been right.</summary>
/// <param name="Value">The value; meaningless when there is a fault.</param>
/// <param name="Fault">Null, or a sentence that follows the setting's name: <c>must be a number from 1 to 10</c>.</param>
public readonly record struct Parsed<T>(T Value, string? Fault);
