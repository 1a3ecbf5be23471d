using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Serving;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Writes the reports as JSON, for scripts; docs/schemas describes their members.</summary>
internal static class ReportJson
{
    private static readonly ReportJsonContext Context = new(new JsonSerializerOptions(ReportJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The report of <c>sync</c> or <c>plan</c>. Lines about unselected Secrets are only counted.</summary>
    public static string Write(IEnumerable<SyncAction> lines, IReadOnlyList<KeyValuePair<string, int>> counts, bool isStopped, string command, string cluster, SecretFilter filter) => JsonSerializer.Serialize(
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
        Context.SyncJson);

    /// <summary>The report of <c>verify</c>.</summary>
    public static string Write(IEnumerable<EndpointCheck> lines, IReadOnlyList<KeyValuePair<string, int>> counts, bool isStopped, string cluster) => JsonSerializer.Serialize(
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
        Context.VerifyJson);

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
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
    GenerationMode = JsonSourceGenerationMode.Metadata,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(SyncJson))]
[JsonSerializable(typeof(VerifyJson))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
