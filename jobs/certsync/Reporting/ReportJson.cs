using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>The report as JSON, for scripts: <c>actions</c>, each with its reason, and <c>summary</c>, the counts by action.</summary>
public static class ReportJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>Writes the report.</summary>
    public static string Write(SyncReport report)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("command", report.Command);
            writer.WriteString("cluster", report.Cluster);
            writer.WriteBoolean("stopped", report.IsStopped);
            writer.WriteStartArray("actions");
            foreach (var line in report.Lines().Where(line => !SyncReport.IsUnselected(line)))
            {
                Write(writer, report, line);
            }

            writer.WriteEndArray();
            writer.WriteStartObject("summary");
            foreach (var (kind, count) in report.Counts())
            {
                writer.WriteNumber(SyncReporter.NameOf(kind), count);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, SyncReport report, SyncAction line)
    {
        writer.WriteStartObject();
        writer.WriteString("action", SyncReporter.NameOf(line.Kind));
        writer.WriteString("reason", SyncReporter.NameOf(line.Reason));
        writer.WriteString("message", line.Sentence);
        WriteText(writer, "namespace", line.Namespace);
        WriteText(writer, "vault", line.Vault);
        WriteText(writer, "name", line.Name);
        WriteText(writer, "certificate", report.CertificateOf(line));
        writer.WriteStartArray("secrets");
        foreach (var source in SyncReport.SourcesOf(line).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            writer.WriteStringValue(source);
        }

        writer.WriteEndArray();
        if (line.NotAfter is { } end)
        {
            writer.WriteString("notAfter", end.UtcDateTime);
        }

        if (line.Warnings.Length > 0)
        {
            writer.WriteStartArray("warnings");
            foreach (var warning in line.Warnings)
            {
                writer.WriteStringValue(warning);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string value)
    {
        if (value.Length > 0)
        {
            writer.WriteString(name, value);
        }
    }
}
