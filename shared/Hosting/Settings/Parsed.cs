namespace ClusterTrust.Hosting.Settings;

/// <summary>Makes the outcomes of parsing a setting.</summary>
public static class Parsed
{
    /// <summary>The text was right.</summary>
    /// <param name="value">What it means.</param>
    public static Parsed<T> Value<T>(T value) => new(value, null);

    /// <summary>The text was wrong.</summary>
    /// <param name="sentence">What would be right, worded to follow the setting's name: <c>must be a number from 1 to 10</c>.</param>
    public static Parsed<T> Fault<T>(string sentence) => new(default!, sentence);
}
