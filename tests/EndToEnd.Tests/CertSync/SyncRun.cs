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
            Lines = [.. report.RootElement.GetProperty("actions").EnumerateArray().Select(static line => new ReportLine(
                line.GetProperty("action").GetString()!, line.GetProperty("reason").GetString()!, line.GetProperty("message").GetString()!, line.GetRawText()))];
            Summary = report.RootElement.GetProperty("summary").EnumerateObject().ToDictionary(static count => count.Name, static count => count.Value.GetInt32());
        }
    }

    public Output Output { get; }

    public IReadOnlyList<ReportLine> Lines { get; } = [];

    public IReadOnlyDictionary<string, int> Summary { get; } = new Dictionary<string, int>();

    /// <summary>Holds it to an exit code and to lines <c>action reason</c>, in the report's order.</summary>
    public SyncRun Expect(int exitCode, params string[] lines)
    {
        EndToEnd.Tests.Expect.Exit(exitCode, Output);
        Assert.Equal(lines, Lines.Select(static line => $"{line.Action} {line.Reason}"));
        return this;
    }
}

/// <summary>One action of a report's JSON.</summary>
internal sealed record ReportLine(string Action, string Reason, string Message, string Json);
