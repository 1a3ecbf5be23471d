using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>The JSON of <c>--output json</c>, as docs/schemas describes it: one object; members that are null are left out.</summary>
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(RotateReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    private static readonly ReportJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // never embedded in HTML
    });

    /// <returns>The report, ending in a line feed.</returns>
    public static string Write<T>(T report) => JsonSerializer.Serialize(report, typeof(T), Readable) + "\n";

    public static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}

internal sealed record PlanReport(
    string Issuer, bool Changed, string? Commit, string? Branch, IEnumerable<PlanKey> Keys, IEnumerable<string> Files, IEnumerable<string> Warnings);

internal sealed record PlanKey(string Kid, string Alg, string State);

internal sealed record VerifyReport(string Issuer, string Result, IEnumerable<VerifyCheck> Checks);

internal sealed record VerifyCheck(string Subject, string Result, string Message);

internal sealed record RotateReport(
    string Issuer,
    string Stage,
    string Step,
    string Message,
    string? Kid,
    string? Until,
    IEnumerable<RotateServer> ApiServers,
    IEnumerable<RotateKey> Keys,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Commands);

internal sealed record RotateServer(string Server, string SigningKid, string? StartedAt);

internal sealed record RotateKey(
    string Kid, string Alg, int ServedBy, int SignedBy, bool Public, string? PublicSince, RotateVerdict SafeToSign, RotateVerdict SafeToRemove);

internal sealed record RotateVerdict(bool Safe, string? At, string Reason);
