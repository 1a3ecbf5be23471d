using System.Text.Encodings.Web;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>JSON as bytes, without escapes that HTML alone would need.</summary>
public static class JsonText
{
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Bytes(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, Relaxed);

    internal static JsonArray Array(IEnumerable<string> values) => new([.. values.Select(static value => JsonValue.Create(value))]);

    internal static JsonObject Object(IEnumerable<KeyValuePair<string, string>> values) =>
        new(values.Select(static pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));

    /// <summary>A string at a path of property names; null when any step is missing or is no string.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = node is JsonObject parent ? parent[step] : null;
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }

    /// <summary>A whole number; null when it is missing or is none.</summary>
    public static long? Number(this JsonObject parent, string name) => parent[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    /// <summary>The objects of a list; empty when it is missing.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? node) => node?.AsArray().OfType<JsonObject>() ?? [];

    /// <summary>A list of strings; empty when it is missing.</summary>
    public static string[] Texts(this JsonNode? node, string name) =>
        node is JsonObject parent && parent[name] is JsonArray items ? [.. items.Select(static item => item.Text() ?? "")] : [];

    /// <summary>RFC 3339 to the second, as <c>metav1.Time</c> is written.</summary>
    public static string Timestamp(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
