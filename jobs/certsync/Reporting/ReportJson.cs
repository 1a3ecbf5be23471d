using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>The report as JSON, for scripts.</summary>
/// <param name="Command"><c>sync</c> or <c>plan</c>.</param>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Stopped">Whether the run was stopped before its end.</param>
/// <param name="Actions">Every line about a selected Secret or certificate.</param>
/// <param name="Summary">The number of lines by action, those about unselected Secrets included.</param>
internal sealed record ReportJson(string Command, string Cluster, bool Stopped, IEnumerable<ReportJson.Line> Actions, OrderedDictionary<string, int> Summary)
{
    private static readonly ReportJsonContext Context = new(new JsonSerializerOptions(ReportJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(SyncReport report) => JsonSerializer.Serialize(
        new ReportJson(
            report.Command,
            report.Cluster,
            report.IsStopped,
            report.Lines().Where(static line => !SyncReport.IsUnselected(line)).Select(line => LineOf(report, line)),
            new OrderedDictionary<string, int>(report.Counts().Select(static count => KeyValuePair.Create(SyncReporter.NameOf(count.Key), count.Value)))),
        Context.ReportJson);

    private static Line LineOf(SyncReport report, SyncAction line) => new(
        SyncReporter.NameOf(line.Kind),
        SyncReporter.NameOf(line.Reason),
        line.Sentence,
        NullIfEmpty(line.Namespace),
        NullIfEmpty(line.Vault),
        NullIfEmpty(line.Name),
        NullIfEmpty(report.CertificateOf(line)),
        SyncReport.SourcesOf(line).Split(',', StringSplitOptions.RemoveEmptyEntries),
        line.NotAfter?.UtcDateTime,
        line.Warnings.Length > 0 ? line.Warnings : null);

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;

    internal sealed record Line(
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
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ReportJson))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
