namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>A run of certsync that has ended, with its JSON report.</summary>
internal sealed record SyncRun(Output Output)
{
    private JsonNode? Report => Output.StandardOutput.StartsWith('{') ? JsonNode.Parse(Output.StandardOutput) : null;

    /// <summary>The lines <c>action reason</c>, in the report's order.</summary>
    public string[] Lines => [.. Report?["actions"].Items().Select(static line => $"{line.Text("action")} {line.Text("reason")}") ?? []];

    /// <summary>How many certificates have this action.</summary>
    public int Count(string action) => (int?)Report?["summary"]?[action] ?? 0;
}
