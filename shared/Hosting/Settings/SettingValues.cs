namespace ClusterTrust.Hosting.Settings;

/// <summary>What the user set for one command, and where.</summary>
public sealed class SettingValues
{
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly string _prefix;
    private readonly IReadOnlyDictionary<string, string> _variables;

    internal SettingValues(string prefix, IReadOnlyDictionary<string, string>? variables = null)
    {
        _prefix = prefix;
        _variables = variables ?? new Dictionary<string, string>();
        Faults = new(setting => Origin(setting).Name);
    }

    /// <summary>What is wrong, all of it; a command's checks add to it.</summary>
    public SettingFaults Faults { get; }

    /// <summary>Sentences about what is odd and no fault, such as an unknown environment variable.</summary>
    internal List<string> Warnings { get; } = [];

    /// <summary>The value of a setting.</summary>
    /// <exception cref="InvalidOperationException">
    /// The setting is not one of the command's, or its value is at fault or missing: in checks, which run nevertheless, use <see cref="TryGet"/>.
    /// </exception>
    public T Get<T>(Setting<T> setting) => TryGet(setting, out var value)
        ? value
        : throw new InvalidOperationException($"{setting.Flag} is not among this command's settings, or has no valid value.");

    /// <summary>The value of a setting unless it is at fault or missing.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="value">Its value, or the type's default.</param>
    /// <returns>False when there is no valid value or the setting is not one of the command's.</returns>
    public bool TryGet<T>(Setting<T> setting, out T value)
    {
        // Another type: a command's own setting has taken the place of this one.
        var isValid = _entries.TryGetValue(setting.Flag, out var entry) && entry.IsValid && entry.Value is T or null;
        value = isValid && entry!.Value is T given ? given : default!;
        return isValid;
    }

    /// <summary>An environment variable that belongs to somebody else, such as <c>AZURE_TENANT_ID</c>; null when it is not set.</summary>
    public string? Variable(string name) => _variables.GetValueOrDefault(name);

    /// <summary>Where the value came from.</summary>
    public SettingOrigin Origin(Setting setting) => _entries.TryGetValue(setting.Flag, out var entry)
        ? entry.Origin
        : DefaultOrigin(setting);

    internal void Set(Setting setting, object? value, SettingOrigin origin) =>
        _entries[setting.Flag] = new(value, origin, true);

    internal void SetInvalid(Setting setting, SettingOrigin origin) =>
        _entries[setting.Flag] = new(null, origin, false);

    internal SettingOrigin DefaultOrigin(Setting setting) =>
        new(SettingSource.Default, setting.IsSecret ? setting.EnvironmentName(_prefix) : setting.Flag);

    private sealed record Entry(object? Value, SettingOrigin Origin, bool IsValid);
}
