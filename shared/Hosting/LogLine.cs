using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClusterTrust.Hosting;

internal sealed record LogEntry(
    LogLevel Level,
    string Category,
    EventId Event,
    string Message,
    Exception? Exception,
    IReadOnlyList<KeyValuePair<string, object?>> Fields,
    IExternalScopeProvider? Scopes);

/// <summary>Formats log entries. Every text of an entry is sanitized here, on its only way to standard error.</summary>
internal static class LogLine
{
    private const string OriginalFormat = "{OriginalFormat}";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string AsJson(LogEntry entry, DateTimeOffset time, JobRun run)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", NameOf(entry.Level));
            json.WriteString("category", entry.Category);
            json.WriteNumber("eventId", entry.Event.Id);
            if (entry.Event.Name is { } name)
            {
                json.WriteString("event", name);
            }

            json.WriteString("message", Sanitizer.Sanitize(entry.Message, Sanitizer.MessageLength));
            json.WriteString("runId", run.RunId);
            // A message that consists of one field is not repeated.
            WriteFields(json, "fields", entry.Fields.Where(field => field.Value as string != entry.Message));
            WriteFields(json, "scope", [.. run.Scope, .. CollectScopes(entry.Scopes)]);
            if (entry.Exception is { } exception && run.Verbose)
            {
                json.WriteString("exception", Sanitizer.SanitizeLines(exception.ToString()));
            }

            json.WriteEndObject();
        }

        return Sanitizer.CleanLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

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

    private static void WriteFields(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, object?>> fields)
    {
        // A field of an inner scope replaces one of an outer scope: a JSON object must not have a key twice.
        var last = new Dictionary<string, object?>();
        foreach (var (key, value) in fields.Where(static field => field.Key != OriginalFormat))
        {
            last[key] = value;
        }

        if (last.Count == 0)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (var (key, value) in last)
        {
            WriteField(json, JsonNamingPolicy.CamelCase.ConvertName(key), value);
        }

        json.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            case DateTimeOffset time:
                json.WriteString(name, time);
                break;
            default:
                json.WriteString(name, Sanitizer.Sanitize(Convert.ToString(value, CultureInfo.InvariantCulture), Sanitizer.MessageLength));
                break;
        }
    }
}
