using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>A bare answer.</summary>
internal sealed record VaultReply(int Status, IReadOnlyDictionary<string, string> Headers, JsonObject? Body)
{
    public string? Code => (string?)Body?["error"]?["code"];

    public string? InnerCode => (string?)Body?["error"]?["innererror"]?["code"];

    public string? Message => (string?)Body?["error"]?["message"];
}
