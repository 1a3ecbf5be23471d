namespace ClusterTrust.Manifests.Tests.Rendering;

/// <summary>Reads parts of objects that may be missing.</summary>
internal static class JsonPaths
{
    /// <summary>A string at a path of property names; null when any step is missing or is no string.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = node is JsonObject parent ? parent[step] : null;
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }

    /// <summary>The objects of a list; empty when it is missing.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? node) => node?.AsArray().OfType<JsonObject>() ?? [];

    /// <summary>A list of strings; empty when it is missing.</summary>
    public static string[] Texts(this JsonNode? node, string name) =>
        node is JsonObject parent && parent[name] is JsonArray items ? [.. items.Select(static item => item.Text() ?? "")] : [];
}
