using ClusterTrust.Hosting.Settings;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting.Logging;

/// <summary>Which log entries are written: <c>information,ClusterTrust.Kubernetes=debug</c>.</summary>
/// <param name="Minimum">The least level of categories that are not named; null when none was set.</param>
/// <param name="Categories">Least levels by how categories' names begin, as .NET's <c>Logging:LogLevel</c> has them; the longest beginning wins.</param>
public sealed record LogLevels(LogLevel? Minimum, IReadOnlyList<KeyValuePair<string, LogLevel>> Categories)
{
    private static readonly Setting<LogLevel> One = Setting.Choice(
        "--log-level",
        "",
        [
            ("trace", LogLevel.Trace),
            ("debug", LogLevel.Debug),
            ("information", LogLevel.Information),
            ("warning", LogLevel.Warning),
            ("error", LogLevel.Error),
            ("none", LogLevel.None),
        ],
        [
            ("info", LogLevel.Information),
            ("warn", LogLevel.Warning),
            ("critical", LogLevel.Critical),
        ]);

    /// <summary>No level is set.</summary>
    public static LogLevels Default { get; } = new(null, []);

    /// <summary>Reads levels, with commas between them; one without a category, or of the category <c>Default</c>, applies to all others.</summary>
    public static Parsed<LogLevels> Parse(string text)
    {
        LogLevel? common = null;
        var categories = new Dictionary<string, LogLevel>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var (category, name) = entry.Split('=', 2, StringSplitOptions.TrimEntries) is [var left, var right] ? (left, right) : ("Default", entry);
            var level = One.Parse(name);
            if (level.Fault is { } fault)
            {
                return Parsed.Fault<LogLevels>(entry == text ? fault : $"{fault}, and not '{Sanitizer.Sanitize(name)}'");
            }

            if (category.Length == 0)
            {
                return Parsed.Fault<LogLevels>("must name a category before each '=', such as ClusterTrust.Kubernetes=debug");
            }

            var isCommon = string.Equals(category, "Default", StringComparison.OrdinalIgnoreCase);
            if (isCommon ? common is not null : !categories.TryAdd(category, level.Value))
            {
                return Parsed.Fault<LogLevels>(isCommon ? "must give one level for all categories" : $"must name the category {Sanitizer.Sanitize(category)} once");
            }

            common = isCommon ? level.Value : common;
        }

        return Parsed.Value(new LogLevels(common, [.. categories]));
    }

    /// <summary>As <c>--help</c> shows it.</summary>
    public override string ToString() => string.Join(
        ',',
        [One.Format(Minimum ?? LogLevel.Information)!, .. Categories.Select(static category => $"{category.Key}={One.Format(category.Value)}")]);

    /// <summary>Applies these levels to a logger factory.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="common">The least level if none was set.</param>
    internal void ApplyTo(LoggerFilterOptions options, LogLevel common)
    {
        options.MinLevel = Minimum ?? common;
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
    }
}
