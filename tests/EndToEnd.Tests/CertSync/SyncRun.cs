using System.Text.Json;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>A run of certsync that has ended, with its JSON report.</summary>
internal sealed class SyncRun
{
    public SyncRun(Output output)
    {
        Output = output;
        if (output.StandardOutput.StartsWith('{'))
        {
            using var report = JsonDocument.Parse(output.StandardOutput);
            Lines = [.. report.RootElement.GetProperty("actions").EnumerateArray().Select(ReportLine.Read)];
            Summary = report.RootElement.GetProperty("summary").EnumerateObject().ToDictionary(static count => count.Name, static count => count.Value.GetInt32());
            IsStopped = report.RootElement.GetProperty("stopped").GetBoolean();
        }
    }

    public Output Output { get; }

    public IReadOnlyList<ReportLine> Lines { get; } = [];

    public IReadOnlyDictionary<string, int> Summary { get; } = new Dictionary<string, int>();

    public bool IsStopped { get; }

    /// <summary>Holds it to an exit code and to lines <c>action reason</c>, in the report's order.</summary>
    public SyncRun Expect(int exitCode, params string[] lines)
    {
        Assert.True(Output.ExitCode == exitCode, $"expected exit code {exitCode}\n{Output}");
        Assert.Equal(lines, Lines.Select(static line => $"{line.Action} {line.Reason}"));
        return this;
    }

    /// <summary>The only line.</summary>
    public ReportLine Only => Assert.Single(Lines);
}

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
