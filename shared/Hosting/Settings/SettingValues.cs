using System.Collections.ObjectModel;

namespace ClusterTrust.Hosting.Settings;

/// <summary>The values of one command's settings.</summary>
public sealed class SettingValues
{
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly string _prefix;
    private readonly IReadOnlyDictionary<string, string> _variables;

    public SettingValues(string prefix, IReadOnlyDictionary<string, string> variables)
    {
        (_prefix, _variables) = (prefix, variables);
        Faults = new(NameOf);
    }

    /// <summary>All faults; a command's checks add to them.</summary>
    public SettingFaults Faults { get; }

    /// <summary>Sentences about what is probably a mistake, such as an unknown environment variable.</summary>
    internal List<string> Warnings { get; } = [];

    /// <exception cref="InvalidOperationException">
    /// The command has no such setting, or its value is invalid or missing. Checks run in spite of that: they use <see cref="TryGet"/>.
    /// </exception>
    public T Get<T>(Setting<T> setting) => TryGet(setting, out var value)
        ? value
        : throw new InvalidOperationException($"{setting.Flag} is not among this command's settings, or has no valid value.");

    /// <summary>The value of a setting; its default if it is invalid or missing, or the command has no such setting.</summary>
    public T GetOrDefault<T>(Setting<T> setting) => TryGet(setting, out var value) ? value : setting.Default;

    /// <summary>The value of a setting unless it is invalid or missing.</summary>
    /// <returns>False when there is no valid value or the command has no such setting.</returns>
    public bool TryGet<T>(Setting<T> setting, out T value)
    {
        // A value of another type belongs to a command's own setting, which replaces this one.
        var isValid = _entries.TryGetValue(setting.Flag, out var entry) && entry.IsValid && entry.Value is T or null;
        value = isValid && entry!.Value is T given ? given : default!;
        return isValid;
    }

    /// <summary>An environment variable that is not the job's own, such as <c>AZURE_TENANT_ID</c>; null when it is not set.</summary>
    public string? Variable(string name) => _variables.GetValueOrDefault(name);

    /// <summary>
    /// The name under which the user set a value, for faults: the flag, the environment variable, or the JSON key and its file. For a
    /// default it is the flag, or the environment variable of a secret.
    /// </summary>
    public string NameOf(Setting setting) => _entries.TryGetValue(setting.Flag, out var entry) ? entry.Name : DefaultNameOf(setting);

    /// <summary>Whether the user set the setting, even if to its default or to an invalid value.</summary>
    public bool IsSet(Setting setting) => _entries.TryGetValue(setting.Flag, out var entry) && entry.IsSet;

    /// <param name="name">The flag, variable or JSON key that sets it; null if none does.</param>
    internal void Set(Setting setting, Parsed<object?> parsed, string? name) =>
        _entries[setting.Flag] = new(parsed.Value, name ?? DefaultNameOf(setting), IsValid: parsed.Fault is null, IsSet: name is not null);

    private string DefaultNameOf(Setting setting) => setting.IsSecret ? setting.EnvironmentName(_prefix) : setting.Flag;

    private sealed record Entry(object? Value, string Name, bool IsValid, bool IsSet);
}

/// <summary>All faults of a configuration, each once, so that they are reported together.</summary>
/// <param name="nameOf">The name under which the user set a setting.</param>
public sealed class SettingFaults(Func<Setting, string> nameOf) : Collection<string>
{
    /// <summary>Adds a fault of one setting.</summary>
    /// <param name="setting">The setting, named as the user set it.</param>
    /// <param name="predicate">What would be valid: <c>must be shorter than --timeout</c>.</param>
    public void Add(Setting setting, string predicate) => Add($"{nameOf(setting)} {predicate}");

    protected override void InsertItem(int index, string item)
    {
        if (!Contains(item))
        {
            base.InsertItem(index, item);
        }
    }
}
