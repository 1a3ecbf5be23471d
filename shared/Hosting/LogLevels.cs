namespace ClusterTrust.Hosting;

/// <summary>The minimum levels of log entries: <c>information,ClusterTrust.Kubernetes=debug</c>.</summary>
/// <param name="Minimum">The level of all other categories; null when none was set.</param>
/// <param name="Categories">Levels by prefix of the category, as in .NET's <c>Logging:LogLevel</c>; the longest prefix takes precedence.</param>
public sealed record LogLevels(LogLevel? Minimum, IReadOnlyList<KeyValuePair<string, LogLevel>> Categories)
{
    private static readonly Setting<LogLevel> Level = Setting.Choice(
        "--log-level",
        "",
        [.. new[] { LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error, LogLevel.None }
            .Select(static level => (level.ToString().ToLowerInvariant(), level))],
        [("info", LogLevel.Information), ("warn", LogLevel.Warning), ("critical", LogLevel.Critical)]);

    public static LogLevels Default { get; } = new(null, []);

    /// <summary>Parses levels separated by commas; one without a category, or of the category <c>Default</c>, applies to all others.</summary>
    public static Parsed<LogLevels> Parse(string text)
    {
        var categories = new Dictionary<string, LogLevel>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var (category, name) = entry.Split('=', 2, StringSplitOptions.TrimEntries) is [var left, var right] ? (left, right) : ("Default", entry);
            var level = Level.Parse(name);
            if (level.Fault is { } fault)
            {
                return Parsed.Fault<LogLevels>(entry == text ? fault : $"{fault}, and not '{Sanitizer.Sanitize(name)}'");
            }

            if (category.Length == 0 || category.Count('*') > 1)
            {
                return Parsed.Fault<LogLevels>("must name a category before each '=', such as ClusterTrust.Kubernetes=debug, with one '*' at most");
            }

            if (!categories.TryAdd(category, level.Value))
            {
                return Parsed.Fault<LogLevels>(category.Equals("Default", StringComparison.OrdinalIgnoreCase) ? "must give one level for all categories" : $"must name the category {Sanitizer.Sanitize(category)} once");
            }
        }

        return Parsed.Value(new LogLevels(categories.Remove("Default", out var common) ? common : null, [.. categories]));
    }

    public override string ToString() => string.Join(
        ',',
        [Level.Format(Minimum ?? LogLevel.Information)!, .. Categories.Select(static category => $"{category.Key}={Level.Format(category.Value)}")]);

    /// <summary>The filter of a logger factory.</summary>
    /// <param name="common">The minimum level if none was set.</param>
    internal LoggerFilterOptions ToFilter(LogLevel common)
    {
        var options = new LoggerFilterOptions { MinLevel = Minimum ?? common };
        if (options.MinLevel is LogLevel.Debug or LogLevel.Information)
        {
            // What the frameworks log below warnings is for tracing only.
            options.Rules.Add(new LoggerFilterRule(null, "Microsoft", LogLevel.Warning, null));
            options.Rules.Add(new LoggerFilterRule(null, "System", LogLevel.Warning, null));
        }

        foreach (var (category, level) in Categories)
        {
            options.Rules.Add(new LoggerFilterRule(null, category, level, null));
        }

        return options;
    }
}
