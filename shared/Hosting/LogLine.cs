namespace ClusterTrust.Hosting;

internal sealed record LogEntry(
    LogLevel Level,
    string Category,
    EventId Event,
    string Message,
    Exception? Exception,
    IReadOnlyList<KeyValuePair<string, object?>> Fields,
    IExternalScopeProvider? Scopes);

/// <summary>Formats log entries. Every text of an entry is sanitized here, before it is written to standard error.</summary>
internal static class LogLine
{
    private const string OriginalFormat = "{OriginalFormat}";

    public static string AsJson(LogEntry entry, DateTimeOffset time, JobRun run) => Sanitizer.CleanLine(Json.Line(Json.Of(
        ("timestamp", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        ("level", NameOf(entry.Level)),
        ("category", entry.Category),
        ("eventId", entry.Event.Id),
        ("event", entry.Event.Name),
        ("message", Sanitizer.Sanitize(entry.Message, Sanitizer.MessageLength)),
        ("runId", run.RunId),
        // A message that consists of one field is not repeated.
        ("fields", ObjectOf(entry.Fields.Where(field => field.Value as string != entry.Message))),
        ("scope", ObjectOf([.. run.Scope, .. CollectScopes(entry.Scopes)])),
        ("exception", run.Verbose && entry.Exception is { } exception ? Sanitizer.SanitizeLines(exception.ToString()) : null))));

    /// <summary>
    /// Formats an entry as a readable line: <c>12:03:04 info  message</c>. A fault that ends the run is <c>error: message</c>, as of other
    /// programs. In a verbose run the exception follows on lines of its own.
    /// </summary>
    public static string AsText(LogEntry entry, DateTimeOffset time, JobRun run, TimeZoneInfo zone, bool hasColors)
    {
        var message = Sanitizer.Sanitize(entry.Message, Sanitizer.MessageLength);
        var line = entry.Event.Name switch
        {
            nameof(HostLog.JobFailed) or nameof(HostLog.UsageFault) => $"{Label("error:")} {message}",
            nameof(HostLog.UsageHint) => message,
            _ => $"{TimeZoneInfo.ConvertTime(time, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {Label(ShortNameOf(entry.Level).PadRight(5))} {message}",
        };
        return entry.Exception is { } exception && run.Verbose ? $"{line}\n{Sanitizer.SanitizeLines(exception.ToString())}" : line;

        string Label(string text) => hasColors ? Color(entry.Level, text) : text;
    }

    private static string Color(LogLevel level, string text)
    {
        var code = level switch
        {
            LogLevel.Trace or LogLevel.Debug => "90",
            LogLevel.Information => "32",
            LogLevel.Warning => "33",
            _ => "31",
        };
        return $"\e[{code}m{text}\e[0m";
    }

    private static string NameOf(LogLevel level) => level.ToString().ToLowerInvariant();

    private static string ShortNameOf(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => NameOf(level),
    };

    private static List<KeyValuePair<string, object?>> CollectScopes(IExternalScopeProvider? scopes)
    {
        var fields = new List<KeyValuePair<string, object?>>();
        scopes?.ForEachScope(
            static (scope, fields) => fields.AddRange(scope as IEnumerable<KeyValuePair<string, object?>> ?? [new("text", scope)]),
            fields);
        return fields;
    }

    /// <summary>The fields, of which one of an inner scope replaces one of an outer scope; null if there are none.</summary>
    private static JsonObject? ObjectOf(IEnumerable<KeyValuePair<string, object?>> fields)
    {
        var json = new JsonObject();
        foreach (var (key, value) in fields.Where(static field => field.Key != OriginalFormat))
        {
            json[JsonNamingPolicy.CamelCase.ConvertName(key)] = value switch
            {
                null => null,
                bool flag => flag,
                int or long => Convert.ToInt64(value, CultureInfo.InvariantCulture),
                double number when double.IsFinite(number) => number,
                DateTimeOffset time => time,
                _ => Sanitizer.Sanitize(Convert.ToString(value, CultureInfo.InvariantCulture), Sanitizer.MessageLength),
            };
        }

        return json.Count > 0 ? json : null;
    }
}
