using System.Buffers.Text;
using System.Text;
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
        JsonValue value when value.TryGetValue<string>(out var text) => Replaced(name, text),
        _ => node?.DeepClone(),
    };

    private static string Replaced(string name, string text) => name switch
    {
        "uid" when Guid.TryParse(text, out _) => "<uid>",
        "resourceVersion" when Number().IsMatch(text) => "<version>",
        "creationTimestamp" or "time" or "expirationTimestamp" when Seconds().IsMatch(text) => "<time>",
        "continue" => PositiveRevision().Replace(ContinueTokens.Decode(text), "\"rv\":<version>"),
        "name" when GeneratedName().IsMatch(text) => "certsync-<suffix>",
        "kid" or "n" when Base64UrlText().IsMatch(text) => $"<{text.Length} characters>",
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
    private static partial Regex Base64UrlText();

    [GeneratedRegex(@"^[\w-]+\.[\w-]+\.[\w-]+$")]
    private static partial Regex Jwt();
}

/// <summary>Looks into continue tokens, which only a test may.</summary>
internal static partial class ContinueTokens
{
    public static string Decode(string token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));

    public static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    public static string RevisionOf(string token) => Revision().Match(Decode(token)).Groups[1].Value;

    /// <summary>The path with its continue token moved to another revision.</summary>
    public static string MoveTo(string path, string revision) =>
        Token().Replace(path, match => Encode(Revision().Replace(Decode(match.Value), $"\"rv\":{revision}")));

    [GeneratedRegex("\"rv\":(-?[0-9]+)")]
    private static partial Regex Revision();

    [GeneratedRegex("(?<=continue=)[A-Za-z0-9_-]{20,}")]
    private static partial Regex Token();
}
