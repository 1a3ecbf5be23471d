using System.Text.Encodings.Web;

namespace ClusterTrust.Hosting.Output;

/// <summary>JSON of logs and reports.</summary>
public static class Json
{
    // Never embedded in HTML; '+' in a kid stays readable.
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true, NewLine = "\n" };

    /// <summary>An object without the members that are null.</summary>
    public static JsonObject Of(params IEnumerable<(string Name, JsonNode? Value)> members) =>
        new(members.Where(static member => member.Value is not null).Select(static member => KeyValuePair.Create(member.Name, member.Value)));

    public static JsonArray ArrayOf<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => new([.. items.Select(write)]);

    public static JsonArray ArrayOf(IEnumerable<string> items) => ArrayOf(items, static item => item);

    public static string Line(JsonObject json) => json.ToJsonString(OneLine);

    /// <summary>A document of its own: two spaces of indent, line feeds, one at the end.</summary>
    public static string Document(JsonObject json) => json.ToJsonString(Indented) + "\n";

    /// <summary>An enum's member as reports name it, such as <c>update-tags</c>.</summary>
    public static string NameOf(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
