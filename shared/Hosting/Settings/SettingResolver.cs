using ClusterTrust.Text;

namespace ClusterTrust.Hosting.Settings;

/// <summary>Decides for every setting which of its sources counts: flags over environment over JSON file over defaults.</summary>
/// <param name="prefix">The prefix of the job's environment variables.</param>
/// <param name="known">Every setting of the application: a file or environment may serve several commands.</param>
/// <param name="environment">The environment variables; an empty one counts as not set.</param>
/// <param name="configFile">The setting that names the JSON file.</param>
internal sealed class SettingResolver(
    string prefix,
    IReadOnlyCollection<Setting> known,
    IReadOnlyDictionary<string, string> environment,
    Setting<string?> configFile)
{
    /// <summary>Reads the settings of one command.</summary>
    /// <param name="settings">The command's settings.</param>
    /// <param name="flags">What the command line gave, by flag; an empty list where its fault was told already.</param>
    /// <param name="defaultFile">The configuration file that is read, if it is there, when nobody names one.</param>
    /// <param name="faults">Faults known already.</param>
    public SettingValues Resolve(
        IReadOnlyCollection<Setting> settings,
        IReadOnlyDictionary<string, IReadOnlyList<string>> flags,
        string defaultFile,
        IEnumerable<string> faults)
    {
        var values = new SettingValues(prefix, environment);
        foreach (var fault in faults)
        {
            values.Faults.Add(fault);
        }

        Read(configFile, flags, SettingFile.Empty, values);
        var file = OpenFile(values, defaultFile);
        foreach (var setting in settings.Where(setting => setting.Flag != configFile.Flag))
        {
            Read(setting, flags, file, values);
        }

        WarnOfUnknownVariables(values);
        return values;
    }

    private SettingFile OpenFile(SettingValues values, string defaultFile)
    {
        if (!values.TryGet(configFile, out var path))
        {
            return SettingFile.Empty;
        }

        path ??= File.Exists(defaultFile) ? defaultFile : null;
        return path is null
            ? SettingFile.Empty
            : SettingFile.Read(path, [.. known.Where(setting => setting.Flag != configFile.Flag)], values.Faults);
    }

    private void Read(
        Setting setting,
        IReadOnlyDictionary<string, IReadOnlyList<string>> flags,
        SettingFile file,
        SettingValues values)
    {
        if (flags.TryGetValue(setting.Flag, out var given) && given.Count == 0)
        {
            values.SetInvalid(setting, new(SettingSource.Flag, setting.Flag));
        }
        else if (given is not null)
        {
            Take(given, null, new(SettingSource.Flag, setting.Flag));
        }
        else if (FindVariable(setting) is var (name, text, alias))
        {
            var isWhole = !setting.IsList || (alias is not null && setting.HasOwnForm(alias));
            Take(isWhole ? [text] : Split(text), alias, new(SettingSource.Environment, name));
        }
        else if (file.Find(setting) is { } texts)
        {
            Take(texts, null, new(SettingSource.File, file.NameOf(setting.JsonKey)));
        }
        else if (!setting.IsRequired)
        {
            values.Set(setting, setting.DefaultValue, values.DefaultOrigin(setting));
        }
        else
        {
            Miss(values.DefaultOrigin(setting));
        }

        void Take(IReadOnlyList<string> texts, string? alias, SettingOrigin origin)
        {
            if (setting.IsRequired && texts.Count == 0)
            {
                Miss(origin);
            }
            else if (setting.Read(texts, alias, out var value) is { } fault)
            {
                values.SetInvalid(setting, origin);
                values.Faults.Add($"{origin.Name} {fault}{Shown(setting, texts)}");
            }
            else
            {
                values.Set(setting, value, origin);
            }
        }

        void Miss(SettingOrigin origin)
        {
            values.SetInvalid(setting, origin);
            values.Faults.Add($"{origin.Name} is required: set {WaysToSet(setting)}");
        }
    }

    private (string Name, string Text, string? Alias)? FindVariable(Setting setting)
    {
        var own = setting.EnvironmentName(prefix);
        if (environment.GetValueOrDefault(own) is { Length: > 0 } text)
        {
            return (own, text, null);
        }

        foreach (var alias in setting.AliasNames)
        {
            if (environment.GetValueOrDefault(alias) is { Length: > 0 } other)
            {
                return (alias, other, alias);
            }
        }

        return null;
    }

    private static string[] Split(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Shown(Setting setting, IReadOnlyList<string> texts)
    {
        const int Longest = 101;
        if (setting.IsSecret || texts.Count == 0 || string.IsNullOrWhiteSpace(string.Concat(texts)))
        {
            return "";
        }

        return $", not '{Sanitizer.Sanitize(string.Join(',', texts), Longest)}'";
    }

    private string WaysToSet(Setting setting)
    {
        var flag = setting.IsSecret ? "" : $"{setting.Flag} {setting.Placeholder}, ";
        return $"{flag}{setting.EnvironmentName(prefix)} or \"{setting.JsonKey}\" in the configuration file";
    }

    private void WarnOfUnknownVariables(SettingValues values)
    {
        var names = known.SelectMany(setting => setting.AliasNames.Prepend(setting.EnvironmentName(prefix))).ToHashSet();
        foreach (var name in environment.Keys.Where(IsOurs).Order(StringComparer.Ordinal))
        {
            var near = NearMiss.Find(name, names) is { } miss ? $"; did you mean {miss}?" : "; --help lists the names";
            values.Warnings.Add($"the environment variable {name} is not a setting and is ignored{near}");
        }

        // Kubernetes puts NAME_SERVICE_… and NAME_PORT… of every Service into its pods; a Service named after the job is no typing error.
        bool IsOurs(string name) =>
            name.StartsWith(prefix, StringComparison.Ordinal)
            && !names.Contains(name)
            && !name[prefix.Length..].StartsWith("SERVICE_", StringComparison.Ordinal)
            && !name[prefix.Length..].StartsWith("PORT", StringComparison.Ordinal);
    }
}
