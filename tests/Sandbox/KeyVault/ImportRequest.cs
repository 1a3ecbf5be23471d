using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>The body of an import.</summary>
internal sealed record ImportRequest(string Value, string Password, StoredPolicy Policy, bool Enabled, IReadOnlyDictionary<string, string> Tags)
{
    /// <exception cref="VaultErrorException">The value is missing, or the policy has no content type.</exception>
    public static ImportRequest Read(JsonObject body) => new(
        body["value"]?.GetValue<string>() ?? throw VaultErrors.InvalidProperty("value"),
        body["pwd"]?.GetValue<string>() ?? "",
        ReadPolicy(body["policy"]),
        body["attributes"]?["enabled"]?.GetValue<bool>() ?? true,
        ReadTags(body["tags"]) ?? new Dictionary<string, string>());

    /// <returns>The tags, or null when the request has none to say.</returns>
    /// <exception cref="VaultErrorException">Too many, or too long.</exception>
    public static IReadOnlyDictionary<string, string>? ReadTags(JsonNode? node)
    {
        if (node is not JsonObject tags)
        {
            return null;
        }

        var read = tags.ToDictionary(static tag => tag.Key, static tag => tag.Value!.GetValue<string>(), StringComparer.Ordinal);
        ImportRules.CheckTags(read);
        return read;
    }

    private static StoredPolicy ReadPolicy(JsonNode? node) => node switch
    {
        null => new StoredPolicy(),
        JsonObject policy when policy["secret_props"]?["contentType"] is JsonValue => new StoredPolicy().With(policy),
        _ => throw VaultErrors.InvalidPolicy(),
    };
}
