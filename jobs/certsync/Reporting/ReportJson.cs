using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ClusterTrust.CertSync.Serving;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>
/// Writes the reports as JSON, for scripts; docs/schemas describes their members. A part at a time: as a whole, a report about many
/// certificates needs more memory than the work on them.
/// </summary>
internal static class ReportJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The report of <c>sync</c> or <c>plan</c>. Lines about unselected Secrets are only counted.</summary>
    public static void Write(TextWriter output, IEnumerable<SyncAction> lines, IReadOnlyList<KeyValuePair<string, int>> counts, bool isStopped, string command, string cluster, SecretFilter filter) => Write(
        output,
        new SyncJson(
            command,
            cluster,
            isStopped,
            lines.Where(static line => !line.IsUnselected).Select(line => new SyncJsonLine(
                ReportText.NameOf(line.Kind),
                ReportText.NameOf(line.Reason),
                line.Sentence,
                NullIfEmpty(line.Namespace),
                NullIfEmpty(line.Vault),
                NullIfEmpty(line.Name),
                NullIfEmpty(filter.NamesOf(line.Sources)),
                line.Secrets.Split(',', StringSplitOptions.RemoveEmptyEntries),
                line.NotAfter?.UtcDateTime,
                line.Warnings.Length > 0 ? line.Warnings : null)),
            new OrderedDictionary<string, int>(counts)),
        ReportJsonContext.Default.SyncJson);

    /// <summary>The report of <c>verify</c>.</summary>
    public static void Write(TextWriter output, IEnumerable<EndpointCheck> lines, IReadOnlyList<KeyValuePair<string, int>> counts, bool isStopped, string cluster) => Write(
        output,
        new VerifyJson(
            cluster,
            isStopped,
            lines.Select(static line => new VerifyJsonLine(
                ReportText.NameOf(line.State),
                line.Sentence,
                NullIfEmpty(line.Endpoint),
                NullIfEmpty(line.Namespace),
                NullIfEmpty(line.Vault),
                NullIfEmpty(line.Name),
                line.Secret?.Source,
                line.Served?.Thumbprint,
                line.Served?.NotAfter.UtcDateTime,
                line.Since?.UtcDateTime,
                line.Warnings.Length > 0 ? line.Warnings : null)),
            new OrderedDictionary<string, int>(counts)),
        ReportJsonContext.Default.VerifyJson);

    private static void Write<T>(TextWriter output, T report, JsonTypeInfo<T> type)
    {
        using (var json = new Utf8JsonWriter(new Utf8Text(output), Options))
        {
            JsonSerializer.Serialize(json, report, type);
        }

        output.Write('\n');
    }

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;

    /// <summary>Passes UTF-8 on as text.</summary>
    private sealed class Utf8Text(TextWriter output) : IBufferWriter<byte>
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
        private byte[] _bytes = new byte[16 * 1024];

        public void Advance(int count)
        {
            var text = new char[_decoder.GetCharCount(_bytes, 0, count)];
            output.Write(text, 0, _decoder.GetChars(_bytes, 0, count, text, 0));
        }

        public Memory<byte> GetMemory(int sizeHint) => _bytes = _bytes.Length < sizeHint ? new byte[sizeHint] : _bytes;

        public Span<byte> GetSpan(int sizeHint) => GetMemory(sizeHint).Span;
    }
}

internal sealed record SyncJson(string Command, string Cluster, bool Stopped, IEnumerable<SyncJsonLine> Actions, OrderedDictionary<string, int> Summary);

internal sealed record SyncJsonLine(
    string Action,
    string Reason,
    string Message,
    string? Namespace,
    string? Vault,
    string? Name,
    string? Certificate,
    IReadOnlyList<string> Secrets,
    DateTime? NotAfter,
    IReadOnlyList<string>? Warnings);

internal sealed record VerifyJson(string Cluster, bool Stopped, IEnumerable<VerifyJsonLine> Endpoints, OrderedDictionary<string, int> Summary);

internal sealed record VerifyJsonLine(
    string State,
    string Message,
    string? Endpoint,
    string? Namespace,
    string? Vault,
    string? Name,
    string? Secret,
    string? Thumbprint,
    DateTime? NotAfter,
    DateTime? Since,
    IReadOnlyList<string>? Warnings);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SyncJson))]
[JsonSerializable(typeof(VerifyJson))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
