namespace ClusterTrust.Hosting.Settings;

/// <summary>A further environment variable of a setting, such as <c>GITHUB_TOKEN</c>.</summary>
/// <param name="Name">The variable's full name, without the job's prefix.</param>
/// <param name="Parse">Parses its text, which is then not split at commas; null for the setting's own form.</param>
public sealed record EnvironmentAlias(string Name, Func<string, Parsed<object?>>? Parse);

/// <summary>
/// A setting: a flag, an environment variable and a key of the JSON file. All three names derive from the flag:
/// <c>--retain-removed-keys</c>, <c>CERTSYNC_RETAIN_REMOVED_KEYS</c>, <c>retainRemovedKeys</c>.
/// </summary>
public abstract partial record Setting
{
    private protected Setting(string flag, string description, string placeholder)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(flag.StartsWith("--", StringComparison.Ordinal), true, nameof(flag));
        (Flag, Description, Placeholder) = (flag, description, placeholder);
    }

    /// <summary>The flag with its dashes: <c>--retain-removed-keys</c>.</summary>
    public string Flag { get; }

    /// <summary>One or two sentences for <c>--help</c>.</summary>
    public string Description { get; }

    /// <summary>The placeholder of the value in <c>--help</c>: <c>DURATION</c>. Empty for a switch.</summary>
    public string Placeholder { get; init; }

    /// <summary>Whether a job cannot run without a value. Default true, see <see cref="Setting{T}.WithDefault"/>.</summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>Whether the value is never shown, and not taken from the command line, which every process can read.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether it takes several values: the flag repeated, commas in the environment, an array in JSON.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether the flag needs no value.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>Further environment variables, read in this order after the setting's own.</summary>
    public IReadOnlyList<EnvironmentAlias> Aliases { get; init; } = [];

    /// <summary>The key in the JSON file: <c>retainRemovedKeys</c>.</summary>
    public string JsonKey => JsonNamingPolicy.CamelCase.ConvertName(
        string.Concat(Flag[2..].Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..])));

    /// <summary>The default as <c>--help</c> shows it; null when there is none.</summary>
    public abstract string? DefaultText { get; }

    internal abstract object? DefaultValue { get; }

    /// <summary>The environment variable: <c>CERTSYNC_RETAIN_REMOVED_KEYS</c>.</summary>
    /// <param name="prefix">The job's prefix with its underscore: <c>CERTSYNC_</c>.</param>
    public string EnvironmentName(string prefix) => prefix + Flag[2..].Replace('-', '_').ToUpperInvariant();

    /// <summary>Parses texts: one, or several for a list.</summary>
    internal abstract Parsed<object?> ParseBoxed(IReadOnlyList<string> texts);
}

/// <summary>A <see cref="Setting"/> with a value of type <typeparamref name="T"/>. The factories of <see cref="Setting"/> create the usual ones.</summary>
public sealed record Setting<T> : Setting
{
    private readonly Func<IReadOnlyList<string>, Parsed<T>> _parser;

    /// <summary>Creates a required setting.</summary>
    /// <param name="parser">Parses the texts: exactly one, unless <see cref="Setting.IsList"/>.</param>
    /// <param name="format">Formats a default for <c>--help</c>.</param>
    internal Setting(string flag, string description, string placeholder, Func<IReadOnlyList<string>, Parsed<T>> parser, Func<T, string?>? format)
        : base(flag, description, placeholder) => (_parser, Format) = (parser, format ?? (static value => value?.ToString()));

    /// <summary>Creates a setting of another type that is otherwise like <paramref name="other"/>.</summary>
    internal Setting(Setting other, Func<IReadOnlyList<string>, Parsed<T>> parser, Func<T, string?> format)
        : base(other) => (_parser, Format) = (parser, format);

    /// <summary>The value when none is set; not valid while <see cref="Setting.IsRequired"/>.</summary>
    public T Default { get; private init; } = default!;

    internal Func<T, string?> Format { get; }

    public override string? DefaultText =>
        IsRequired || IsSecret || Default is null || Format(Default) is not { Length: > 0 } text ? null : text;

    internal override object? DefaultValue => Default;

    /// <summary>The same setting, no longer required.</summary>
    public Setting<T> WithDefault(T value) => this with { Default = value, IsRequired = false };

    /// <summary>The same setting, read from a further environment variable as well.</summary>
    /// <param name="parse">Parses its text if its form differs from the setting's own.</param>
    public Setting<T> WithAlias(string environmentName, Func<string, Parsed<T>>? parse = null) =>
        this with { Aliases = [.. Aliases, new(environmentName, parse is null ? null : text => parse(text).Convert(Box))] };

    /// <summary>The same setting, but never shown and not taken from the command line.</summary>
    public Setting<T> AsSecret() => this with { IsSecret = true };

    /// <summary>Parses the texts that a user wrote: one, or several for a list.</summary>
    public Parsed<T> Parse(params IReadOnlyList<string> texts) => _parser(texts);

    internal override Parsed<object?> ParseBoxed(IReadOnlyList<string> texts) => _parser(texts).Convert(Box);

    private static object? Box(T value) => value;
}

/// <summary>Makes settings of reference types optional.</summary>
public static class OptionalReferenceSetting
{
    /// <summary>The same setting, null when none is set.</summary>
    public static Setting<T?> Optional<T>(this Setting<T> setting) where T : class =>
        ((Setting<T?>)(object)setting).WithDefault(null);
}

/// <summary>Makes settings of value types optional.</summary>
public static class OptionalValueSetting
{
    /// <summary>The same setting, null when none is set.</summary>
    public static Setting<T?> Optional<T>(this Setting<T> setting) where T : struct =>
        new Setting<T?>(
            setting,
            texts => setting.Parse(texts).Convert(static value => (T?)value),
            value => value is { } given ? setting.Format(given) : null).WithDefault(null);
}

/// <summary>The result of parsing a setting: a value, or a fault.</summary>
/// <param name="Value">The value; not valid when there is a fault.</param>
/// <param name="Fault">What would be valid, to follow the setting's name: <c>must be a number from 1 to 10</c>. Null when there is a value.</param>
public readonly record struct Parsed<T>(T Value, string? Fault)
{
    /// <summary>The same result with a value of another type.</summary>
    public Parsed<TOther> Convert<TOther>(Func<T, TOther> convert) => new(Fault is null ? convert(Value) : default!, Fault);
}

public static class Parsed
{
    public static Parsed<T> Value<T>(T value) => new(value, null);

    /// <param name="sentence">What would be valid, to follow the setting's name: <c>must be a number from 1 to 10</c>.</param>
    public static Parsed<T> Fault<T>(string sentence) => new(default!, sentence);
}
