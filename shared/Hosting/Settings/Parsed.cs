namespace ClusterTrust.Hosting.Settings;

/// <summary>The result of parsing a setting: a value, or a fault.</summary>
/// <param name="Value">The value; not valid when there is a fault.</param>
/// <param name="Fault">What would be valid, to follow the setting's name: <c>must be a number from 1 to 10</c>. Null when there is a value.</param>
public readonly record struct Parsed<T>(T Value, string? Fault);

/// <summary>Creates results of parsing a setting.</summary>
public static class Parsed
{
    /// <summary>A valid value.</summary>
    public static Parsed<T> Value<T>(T value) => new(value, null);

    /// <summary>A fault.</summary>
    /// <param name="sentence">What would be valid, to follow the setting's name: <c>must be a number from 1 to 10</c>.</param>
    public static Parsed<T> Fault<T>(string sentence) => new(default!, sentence);
}
