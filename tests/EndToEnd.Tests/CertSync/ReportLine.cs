using System.Text.Json;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>One action of a report's JSON.</summary>
internal sealed record ReportLine(string Action, string Reason, string Message, string Vault, string Name, string Secrets, string Warnings)
{
    public static ReportLine Read(JsonElement line)
    {
        string Text(string name) => line.TryGetProperty(name, out var value) ? value.GetString()! : "";
        string Texts(string name) => line.TryGetProperty(name, out var values) ? string.Join(',', values.EnumerateArray().Select(static value => value.GetString())) : "";
        return new ReportLine(Text("action"), Text("reason"), Text("message"), Text("vault"), Text("name"), Texts("secrets"), Texts("warnings"));
    }
}
