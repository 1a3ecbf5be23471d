using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting.Logging;

/// <summary>Words log entries.</summary>
internal static class LogLine
{
    private const string OriginalFormat = "{OriginalFormat}";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A JSON object in one line.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="run">The run it belongs to.</param>
    public static string AsJson(LogEntry entry, JobRun run)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", NameOf(entry.Level));
            json.WriteString("category", entry.Category);
            json.WriteNumber("eventId", entry.Event.Id);
            if (entry.Event.Name is { } name)
            {
                json.WriteString("event", name);
            }

            json.WriteString("message", entry.Message);
            json.WriteString("runId", run.RunId);
            // A message that is nothing but one field is not said twice.
            WriteFields(json, "fields", [.. (entry.Fields ?? []).Where(field => field.Value as string != entry.Message)]);
            WriteFields(json, "scope", [.. run.Scope, .. CollectScopes(entry.Scopes)]);
            if (entry.Exception is { } exception && run.Verbose)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>A readable line: <c>12:03:04 info  message</c>; with verbosity the exception follows on lines of its own.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="run">The run it belongs to.</param>
    /// <param name="zone">The reader's time zone.</param>
    /// <param name="hasColors">Colour the level.</param>
    public static string AsText(LogEntry entry, JobRun run, TimeZoneInfo zone, bool hasColors)
    {
        var level = ShortNameOf(entry.Level).PadRight(5);
        var time = TimeZoneInfo.ConvertTime(entry.Time, zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var line = $"{time} {(hasColors ? Color(entry.Level, level) : level)} {Sanitizer.Sanitize(entry.Message, Sanitizer.MessageLength)}";
        return entry.Exception is { } exception && run.Verbose ? $"{line}{Environment.NewLine}{exception}" : line;
    }

    /// <summary>A text in the colour of a level.</summary>
    public static string Color(LogLevel level, string text)
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

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Information => "information",
        LogLevel.Warning => "warning",
        _ => ShortNameOf(level),
    };

    private static string ShortNameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };

    private static List<KeyValuePair<string, object?>> CollectScopes(IExternalScopeProvider? scopes)
    {
        var fields = new List<KeyValuePair<string, object?>>();
        scopes?.ForEachScope(
            static (scope, fields) =>
            {
                if (scope is IEnumerable<KeyValuePair<string, object?>> pairs)
                {
                    fields.AddRange(pairs);
                }
                else if (scope is not null)
                {
                    fields.Add(new("text", scope));
                }
            },
            fields);
        return fields;
    }

    private static void WriteFields(Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        // An inner scope hides an outer one's field of the same name: a JSON object must not have a key twice.
        var last = new Dictionary<string, object?>();
        foreach (var (key, value) in fields)
        {
            if (key != OriginalFormat)
            {
                last[key] = value;
            }
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
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            case DateTimeOffset time:
                json.WriteString(name, time);
                break;
            case IFormattable text:
                json.WriteString(name, text.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }
}
