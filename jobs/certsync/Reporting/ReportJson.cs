using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>
/// Writes a report as JSON, for scripts; docs/schemas describes its members. A line at a time: as a whole, a report about many
/// certificates needs more memory than the work on them.
/// </summary>
internal static class ReportJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="head">The members before the lines.</param>
    /// <param name="name">The name of the member with the lines.</param>
    public static void Write(TextWriter output, JsonObject head, string name, IEnumerable<JsonObject> lines, IEnumerable<KeyValuePair<string, int>> counts)
    {
        var written = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(written, Options);
        json.WriteStartObject();
        foreach (var (member, value) in head)
        {
            json.WritePropertyName(member);
            value!.WriteTo(json);
        }

        json.WriteStartArray(name);
        foreach (var line in lines)
        {
            line.WriteTo(json);
            Flush();
        }

        json.WriteEndArray();
        json.WriteStartObject("summary");
        foreach (var (outcome, count) in counts)
        {
            json.WriteNumber(outcome, count);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        Flush();
        output.Write('\n');

        void Flush()
        {
            json.Flush();
            output.Write(Encoding.UTF8.GetString(written.WrittenSpan));
            written.ResetWrittenCount();
        }
    }

    public static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
