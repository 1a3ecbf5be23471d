namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>The recordings of the real Key Vault, and what is compared with them.</summary>
internal static class Recording
{
    public static JsonNode Read(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "recordings", "key-vault", file)))!;

    public static JsonNode Exchange(string file, int index) => Read(file)["exchanges"]![index]!;

    /// <summary>Each member's path with the kind of its value; entries of arrays are taken together.</summary>
    public static IEnumerable<string> Shape(JsonNode? node, params string[] without) =>
        Paths(node, "").Distinct().Order(StringComparer.Ordinal).Where(path => !without.Any(part => path.StartsWith($"/{part}", StringComparison.Ordinal)));

    private static IEnumerable<string> Paths(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Paths(member.Value, $"{path}/{member.Key}")).Append($"{path} object"),
        JsonArray entries => entries.SelectMany(entry => Paths(entry, $"{path}[]")).Append($"{path} array"),
        _ => [$"{path} {node?.GetValueKind()}"],
    };
}
