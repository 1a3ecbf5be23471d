namespace ClusterTrust.Hosting.Settings;

/// <summary>Makes settings of value types optional.</summary>
public static class OptionalValueSetting
{
    /// <summary>The same setting, null when nobody sets it.</summary>
    public static Setting<T?> Optional<T>(this Setting<T> setting) where T : struct =>
        new Setting<T?>(setting.Flag, setting.Description, setting.Placeholder, texts => Widen(setting.Parse(texts)))
        {
            IsSecret = setting.IsSecret,
            IsList = setting.IsList,
            IsSwitch = setting.IsSwitch,
            Format = value => value is { } given ? setting.Format(given) : null,
            Aliases =
            [
                .. setting.Aliases.Select(alias => new EnvironmentAlias<T?>(
                    alias.Name,
                    alias.Parse is { } parse ? text => Widen(parse(text)) : null)),
            ],
        }.WithDefault(null);

    private static Parsed<T?> Widen<T>(Parsed<T> parsed) where T : struct =>
        parsed.Fault is { } fault ? Parsed.Fault<T?>(fault) : Parsed.Value<T?>(parsed.Value);
}
