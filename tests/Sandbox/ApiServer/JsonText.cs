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

    /// <summary>An object of the properties that are neither null nor an empty text, in their order.</summary>
    internal static JsonObject WithoutEmpty(params ReadOnlySpan<(string Name, JsonNode? Value)> properties)
    {
        var json = new JsonObject();
        foreach (var (name, value) in properties)
        {
            if (value is not null && value.Text() != "")
            {
                json[name] = value;
            }
        }

        return json;
    }

    /// <summary>A string at a path of property names; null when any step is missing or is no string.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = node is JsonObject parent ? parent[step] : null;
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }

    public static long? Number(this JsonObject parent, string name) => parent[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    public static IEnumerable<JsonObject> Items(this JsonNode? node) => node?.AsArray().OfType<JsonObject>() ?? [];

    public static string[] Texts(this JsonNode? node, string name) =>
        node is JsonObject parent && parent[name] is JsonArray items ? [.. items.Select(static item => item.Text() ?? "")] : [];

    /// <summary>RFC 3339 to the second, as <c>metav1.Time</c> is written.</summary>
    public static string Timestamp(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
