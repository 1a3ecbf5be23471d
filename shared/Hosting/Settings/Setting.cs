using System.Text.Json;

namespace ClusterTrust.Hosting.Settings;

/// <summary>
/// One thing a user can set: by flag, by environment variable, or in the JSON file. All three names derive from the flag:
/// <c>--retain-removed-keys</c>, <c>CERTSYNC_RETAIN_REMOVED_KEYS</c>, <c>retainRemovedKeys</c>.
/// </summary>
public abstract partial record Setting
{
    private protected Setting(string flag, string description, string placeholder)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(flag.StartsWith("--", StringComparison.Ordinal), true, nameof(flag));
        Flag = flag;
        Description = description;
        Placeholder = placeholder;
    }

    /// <summary>The flag with its dashes: <c>--retain-removed-keys</c>.</summary>
    public string Flag { get; }

    /// <summary>One or two sentences for <c>--help</c>.</summary>
    public string Description { get; }

    /// <summary>What stands for the value in <c>--help</c>: <c>DURATION</c>. Empty for a switch.</summary>
    public string Placeholder { get; init; }

    /// <summary>A job cannot run without a value.</summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>The value is never shown, and never taken from the command line, where every process could read it.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Takes several values: the flag repeated, commas in the environment, an array in JSON.</summary>
    public bool IsList { get; init; }

    /// <summary>A flag that needs no value.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>The key in the JSON file: <c>retainRemovedKeys</c>.</summary>
    public string JsonKey => JsonNamingPolicy.CamelCase.ConvertName(
        string.Concat(Flag[2..].Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..])));

    /// <summary>The default as <c>--help</c> shows it, or null when there is none.</summary>
    public abstract string? DefaultText { get; }

    /// <summary>The names of further environment variables this setting is read from, after its own.</summary>
    public abstract IEnumerable<string> AliasNames { get; }

    /// <summary>The environment variable: <c>CERTSYNC_RETAIN_REMOVED_KEYS</c>.</summary>
    /// <param name="prefix">The job's prefix with its underscore: <c>CERTSYNC_</c>.</param>
    public string EnvironmentName(string prefix) => prefix + Flag[2..].Replace('-', '_').ToUpperInvariant();

    /// <summary>Reads what the user gave.</summary>
    /// <param name="texts">One text, or several for a list.</param>
    /// <param name="alias">The alias it came from when it came from one; its text is whole, not split at commas.</param>
    /// <param name="value">The value, boxed.</param>
    /// <returns>Null, or what would be right.</returns>
    internal abstract string? Read(IReadOnlyList<string> texts, string? alias, out object? value);

    /// <summary>True when the alias has a form of its own, so that its text is not split at commas.</summary>
    internal abstract bool HasOwnForm(string alias);

    /// <summary>The default, boxed.</summary>
    internal abstract object? DefaultValue { get; }
}
