using System.Text.RegularExpressions;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>An answer with everything that differs from run to run replaced by what it must look like; properties keep their order.</summary>
internal static partial class Normalized
{
    public static string Of(int status, IEnumerable<string?> headers, JsonNode body) => $"{status} {string.Join(" | ", headers)} {Walk(body, "")!.ToJsonString()}";

    private static JsonNode? Walk(JsonNode? node, string name) => node switch
    {
        // A client reads by its code and its fields what is wrong with a request; the sentences are for people, and the sandbox's are shorter.
        JsonObject status when (string?)status["kind"] == "Status" && (int?)status["code"] is 400 or 406 or 415 or 422 => Walk(WithoutSentences(status), name),
        JsonObject parent => new JsonObject(parent.Select(property => KeyValuePair.Create(property.Key, Walk(property.Value, property.Key)))),
        JsonArray items => new JsonArray([.. items.Select(item => Walk(item, name))]),
        JsonValue value when value.TryGetValue<string>(out var text) => Replaced(name, text),
        _ => node?.DeepClone(),
    };

    private static JsonObject WithoutSentences(JsonObject status)
    {
        var details = status["details"]?.DeepClone() ?? new JsonObject();
        if (details["causes"] is JsonArray causes)
        {
            details["causes"] = new JsonArray([.. causes.Select(static cause => (JsonNode)$"{cause!["field"]} {cause["reason"]}").DistinctBy(static cause => (string?)cause).OrderBy(static cause => (string?)cause, StringComparer.Ordinal)]);
        }

        return new JsonObject { ["code"] = status["code"]!.DeepClone(), ["reason"] = status["reason"]!.DeepClone(), ["details"] = details };
    }

    private static string Replaced(string name, string text) => name switch
    {
        "resourceVersion" when Number().IsMatch(text) => "<version>",
        "creationTimestamp" or "expirationTimestamp" when Seconds().IsMatch(text) => "<time>",
        "continue" => PositiveRevision().Replace(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)), "\"rv\":<version>"),
        "kid" or "n" when Base64UrlText().IsMatch(text) => $"<{text.Length} characters>",
        "token" when text == "<JWT>" || Jwt().IsMatch(text) => "<JWT>",
        "gitCommit" or "goVersion" => $"<{name}>",
        _ => Uid().Replace(text, "<uid>"),
    };

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    private static partial Regex Seconds();

    [GeneratedRegex("\"rv\":[1-9][0-9]*")]
    private static partial Regex PositiveRevision();

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex Base64UrlText();

    [GeneratedRegex(@"^[\w-]+\.[\w-]+\.[\w-]+$")]
    private static partial Regex Jwt();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.ExplicitCapture)]
    private static partial Regex Uid();
}
