using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>A body with everything that differs from run to run replaced by what it must look like; properties keep their order.</summary>
internal static partial class Normalized
{
    public static string Of(JsonNode? body) => Walk(body, "")?.ToJsonString() ?? "null";

    private static JsonNode? Walk(JsonNode? node, string name) => node switch
    {
        // Which manager owns which field nobody here asks.
        JsonObject parent => new JsonObject(parent.Where(static property => property.Key != "managedFields").Select(property => KeyValuePair.Create(property.Key, Walk(property.Value, property.Key)))),
        JsonArray items => new JsonArray([.. items.Select(item => Walk(item, name))]),
        JsonValue value when value.TryGetValue<string>(out var text) => Text(name, text),
        _ => node?.DeepClone(),
    };

    private static string Text(string name, string text) => name switch
    {
        "uid" when Guid.TryParse(text, out _) => "<uid>",
        "resourceVersion" when Number().IsMatch(text) => "<version>",
        "creationTimestamp" or "time" or "expirationTimestamp" when Seconds().IsMatch(text) => "<time>",
        "continue" => PositiveRevision().Replace(ContinueTokens.Decode(text), "\"rv\":<version>"),
        "name" when GeneratedName().IsMatch(text) => "certsync-<suffix>",
        "kid" or "n" when Base64Url().IsMatch(text) => $"<{text.Length} characters>",
        "token" when text.StartsWith("<JWT", StringComparison.Ordinal) || Jwt().IsMatch(text) => "<JWT>",
        _ => text,
    };

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    private static partial Regex Seconds();

    [GeneratedRegex("\"rv\":[1-9][0-9]*")]
    private static partial Regex PositiveRevision();

    [GeneratedRegex("^certsync-[bcdfghjklmnpqrstvwxz2456789]{5}$")]
    private static partial Regex GeneratedName();

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex Base64Url();

    [GeneratedRegex(@"^[\w-]+\.[\w-]+\.[\w-]+$")]
    private static partial Regex Jwt();
}
