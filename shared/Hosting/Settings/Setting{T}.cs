namespace ClusterTrust.Hosting.Settings;

/// <summary>A <see cref="Setting"/> whose value is a <typeparamref name="T"/>. Make one with the factories of <see cref="Setting"/>.</summary>
public sealed record Setting<T> : Setting
{
    private readonly Func<IReadOnlyList<string>, Parsed<T>> _parser;

    /// <summary>A setting of a form that the factories do not have.</summary>
    /// <param name="flag">The flag with its dashes.</param>
    /// <param name="description">One or two sentences for <c>--help</c>.</param>
    /// <param name="placeholder">What stands for the value in <c>--help</c>; empty for a switch.</param>
    /// <param name="parser">Reads the texts: exactly one, unless <see cref="Setting.IsList"/>.</param>
    public Setting(string flag, string description, string placeholder, Func<IReadOnlyList<string>, Parsed<T>> parser)
        : base(flag, description, placeholder) => _parser = parser;

    /// <summary>The value when nobody set one; meaningless while <see cref="Setting.IsRequired"/>.</summary>
    public T Default { get; private init; } = default!;

    /// <summary>Further environment variables, asked in this order after the setting's own.</summary>
    public IReadOnlyList<EnvironmentAlias<T>> Aliases { get; init; } = [];

    /// <summary>How a default is shown in <c>--help</c>.</summary>
    public Func<T, string?> Format { get; init; } = static value => value?.ToString();

    /// <inheritdoc/>
    public override string? DefaultText =>
        IsRequired || IsSecret || Default is null || Format(Default) is not { Length: > 0 } text ? null : text;

    /// <inheritdoc/>
    public override IEnumerable<string> AliasNames => Aliases.Select(alias => alias.Name);

    internal override object? DefaultValue => Default;

    /// <summary>The same setting, no longer required.</summary>
    /// <param name="value">The value when nobody sets one.</param>
    public Setting<T> WithDefault(T value) => this with { Default = value, IsRequired = false };

    /// <summary>The same setting, read from a further environment variable as well.</summary>
    /// <param name="environmentName">The variable's whole name.</param>
    /// <param name="parse">How its text is read when that differs from the setting's own form.</param>
    public Setting<T> WithAlias(string environmentName, Func<string, Parsed<T>>? parse = null) =>
        this with { Aliases = [.. Aliases, new(environmentName, parse)] };

    /// <summary>The same setting, but never shown and never taken from the command line.</summary>
    public Setting<T> AsSecret() => this with { IsSecret = true };

    /// <summary>Reads the value out of what a user wrote.</summary>
    /// <param name="texts">One text, or several for a list.</param>
    public Parsed<T> Parse(params IReadOnlyList<string> texts) => _parser(texts);

    internal override bool HasOwnForm(string alias) => FindAlias(alias)?.Parse is not null;

    internal override string? Read(IReadOnlyList<string> texts, string? alias, out object? value)
    {
        var parsed = alias is not null && FindAlias(alias)?.Parse is { } own ? own(texts[0]) : _parser(texts);
        value = parsed.Fault is null ? parsed.Value : null;
        return parsed.Fault;
    }

    private EnvironmentAlias<T>? FindAlias(string name) => Aliases.FirstOrDefault(alias => alias.Name == name);
}
