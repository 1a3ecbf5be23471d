namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>The recordings of the real Key Vault, and what is compared with them.</summary>
internal static class Recording
{
    public static JsonNode Read(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "recordings", "key-vault", file)))!;

    public static JsonNode Exchange(string file, int index) => Read(file)["exchanges"]![index]!;

    /// <summary>Each member's path with the kind of its value; entries of arrays are taken together.</summary>
    public static IReadOnlyList<string> Shape(JsonNode? node, params string[] without)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        Collect(node, "", paths);
        return [.. paths.Where(path => !without.Any(part => path.StartsWith($"/{part}", StringComparison.Ordinal)))];
    }

    private static void Collect(JsonNode? node, string path, SortedSet<string> paths)
    {
        switch (node)
        {
            case JsonObject members:
                paths.Add($"{path} object");
                foreach (var (name, value) in members)
                {
                    Collect(value, $"{path}/{name}", paths);
                }

                break;
            case JsonArray entries:
                paths.Add($"{path} array");
                foreach (var entry in entries)
                {
                    Collect(entry, $"{path}[]", paths);
                }

                break;
            case null:
                paths.Add($"{path} null");
                break;
            default:
                paths.Add($"{path} {node.GetValueKind()}");
                break;
        }
    }
}
