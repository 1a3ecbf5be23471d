using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>The report of <c>verify</c> as JSON, for scripts.</summary>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Stopped">Whether the run was stopped before its end.</param>
/// <param name="Endpoints">Every line.</param>
/// <param name="Summary">The number of lines by state.</param>
internal sealed record ServingJson(string Cluster, bool Stopped, IEnumerable<ServingJson.Line> Endpoints, OrderedDictionary<string, int> Summary)
{
    private static readonly ServingJsonContext Context = new(new JsonSerializerOptions(ServingJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(ServingReport report) => JsonSerializer.Serialize(
        new ServingJson(
            report.Cluster,
            report.IsStopped,
            report.Lines().Select(static line => new Line(
                ServingReporter.NameOf(line.State),
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
            new OrderedDictionary<string, int>(report.Counts().Select(static count => KeyValuePair.Create(ServingReporter.NameOf(count.Key), count.Value)))),
        Context.ServingJson);

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;

    internal sealed record Line(
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
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ServingJson))]
internal sealed partial class ServingJsonContext : JsonSerializerContext;
