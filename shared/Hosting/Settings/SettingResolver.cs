namespace ClusterTrust.Hosting.Settings;

/// <summary>Reads every setting from its sources: flags override the environment, which overrides the JSON file, which overrides defaults.</summary>
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
    /// <summary>The fault of a setting without texts, which the command line or the file has reported.</summary>
    private const string Reported = "";

    /// <param name="flags">The texts of each flag; empty for a flag whose fault was reported already.</param>
    /// <param name="defaultFile">The configuration file that is read, if it exists, when no other is named.</param>
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

        Read(configFile, flags, null, values);
        var path = values.TryGet(configFile, out var named) ? named ?? (File.Exists(defaultFile) ? defaultFile : null) : null;
        var file = path is null ? null : SettingFile.Read(path, [.. known.Where(setting => setting.Flag != configFile.Flag)], values.Faults);
        foreach (var setting in settings.Where(setting => setting.Flag != configFile.Flag))
        {
            Read(setting, flags, file, values);
        }

        WarnOfUnknownVariables(values);
        return values;
    }

    private void Read(Setting setting, IReadOnlyDictionary<string, IReadOnlyList<string>> flags, SettingFile? file, SettingValues values)
    {
        var found = Find(setting, flags, file);
        var parsed = found switch
        {
            { Texts: [] } => Parsed.Fault<object?>(Reported),
            null when setting.IsRequired && file is { IsRead: false } => Parsed.Fault<object?>(Reported),
            null when setting.IsRequired => Parsed.Fault<object?>($"is required: set {WaysToSet(setting)}"),
            null => Parsed.Value(setting.DefaultValue),
            { Parse: { } parse } => parse(found.Texts[0]),
            _ => setting.ParseBoxed(found.Texts),
        };
        values.Set(setting, parsed, found?.Name);
        if (parsed.Fault is { } fault && fault != Reported)
        {
            values.Faults.Add(setting, $"{fault}{Quote(setting, found)}");
        }
    }

    /// <summary>The first source that sets a setting; null when none does.</summary>
    private FoundSetting? Find(Setting setting, IReadOnlyDictionary<string, IReadOnlyList<string>> flags, SettingFile? file)
    {
        if (flags.TryGetValue(setting.Flag, out var given))
        {
            return new(setting.Flag, given);
        }

        foreach (var (name, parse) in setting.Aliases.Prepend(new(setting.EnvironmentName(prefix), null)))
        {
            // A value from a file in a Secret often ends in a line end, which is not part of a name, an address or a token.
            if (environment.GetValueOrDefault(name)?.TrimEnd('\r', '\n') is { Length: > 0 } text)
            {
                var isWhole = parse is not null || !setting.IsList;

                // Blanks or commas alone are not an empty list: without namespaces, all would be selected.
                return new(name, isWhole ? [text] : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [_, ..] items ? items : [""], parse);
            }
        }

        return file?.Find(setting) is { } texts ? new(file.NameOf(setting.JsonKey), texts) : null;
    }

    private static string Quote(Setting setting, FoundSetting? found)
    {
        const int MaxLength = 101;

        // Only the invalid items of a list.
        string[] texts = [.. (found?.Texts ?? []).Where(text => found!.Parse is not null || setting.ParseBoxed([text]).Fault is not null)];
        var blanks = texts.Any(static text => text != text.Trim()) ? ", which begins or ends with a blank" : "";
        return setting.IsSecret || texts.All(string.IsNullOrWhiteSpace) ? "" : $", not '{Sanitizer.Sanitize(string.Join(',', texts), MaxLength)}'{blanks}";
    }

    private string WaysToSet(Setting setting)
    {
        var flag = setting.IsSecret ? "" : $"{setting.Flag} {setting.Placeholder}, ";
        return $"{flag}{setting.EnvironmentName(prefix)} or \"{setting.JsonKey}\" in the configuration file";
    }

    private void WarnOfUnknownVariables(SettingValues values)
    {
        var names = known.SelectMany(setting => setting.Aliases.Select(alias => alias.Name).Prepend(setting.EnvironmentName(prefix))).ToHashSet();
        foreach (var name in environment.Keys.Where(IsOwn).Order(StringComparer.Ordinal))
        {
            var near = Sentence.NearMiss(name, names) is { } miss ? $"; did you mean {miss}?" : "; --help lists the names";
            values.Warnings.Add($"the environment variable {name} is not a setting and is ignored{near}");
        }

        // Kubernetes sets NAME_SERVICE_… and NAME_PORT… for every Service; a Service may be named after the job.
        bool IsOwn(string name) =>
            name.StartsWith(prefix, StringComparison.Ordinal)
            && !names.Contains(name)
            && !name[prefix.Length..].StartsWith("SERVICE_", StringComparison.Ordinal)
            && !name[prefix.Length..].StartsWith("PORT", StringComparison.Ordinal);
    }

    /// <summary>What one source contains for a setting.</summary>
    /// <param name="Name">The flag, variable or JSON key, as faults name it.</param>
    /// <param name="Texts">One text, or those of a list.</param>
    /// <param name="Parse">The parser of an environment variable with a form of its own.</param>
    private sealed record FoundSetting(string Name, IReadOnlyList<string> Texts, Func<string, Parsed<object?>>? Parse = null);
}
