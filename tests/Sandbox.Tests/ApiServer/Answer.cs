using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>What the server answered.</summary>
internal sealed record Answer(int Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonObject Json => (JsonObject)JsonNode.Parse(Text)!;

    public string? Message => (string?)Json["message"];

    public string? Reason => (string?)Json["reason"];

    public string? Continue => (string?)Json["metadata"]!["continue"];

    /// <summary>namespace/name of a list's items.</summary>
    public string[] Names =>
        [.. (Json["items"]?.AsArray() ?? []).Select(static item => $"{(string?)item!["metadata"]!["namespace"]}/{(string?)item["metadata"]!["name"]}")];
}
