using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>JSON as bytes, without escapes that HTML alone would need.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Bytes(JsonNode node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            node.WriteTo(writer);
        }

        return stream.ToArray();
    }

    public static JsonArray Array(IEnumerable<string> values) => new([.. values.Select(static value => JsonValue.Create(value))]);

    public static JsonObject Object(IEnumerable<KeyValuePair<string, string>> values) =>
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

    /// <summary>A list of strings; empty when it is missing.</summary>
    public static string[] Texts(this JsonNode? node, string name) =>
        node is JsonObject parent && parent[name] is JsonArray items ? [.. items.Select(static item => item.Text() ?? "")] : [];

    /// <summary>RFC 3339 to the second, as <c>metav1.Time</c> is written.</summary>
    public static string Timestamp(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
