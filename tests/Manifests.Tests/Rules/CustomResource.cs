using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClusterTrust.Manifests.Tests.Rendering;

namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>Custom resources, held against the names and types of <c>custom-resources.yaml</c>.</summary>
internal static partial class CustomResource
{
    private static readonly JsonObject Known = Load();

    /// <summary>Whether the kind is described.</summary>
    public static bool IsKnown(JsonObject one) => Known.ContainsKey(KeyOf(one));

    /// <summary>What is wrong with a custom resource.</summary>
    public static IEnumerable<string> Faults(JsonObject one)
    {
        var own = (JsonObject)one.DeepClone();
        foreach (var name in new[] { "apiVersion", "kind", "metadata" })
        {
            own.Remove(name);
        }

        return Check(Known[KeyOf(one)], own, "");
    }

    private static string KeyOf(JsonObject one) => $"{one.Text("apiVersion")}/{one.Text("kind")}";

    private static JsonObject Load()
    {
        using var reader = new StreamReader(typeof(CustomResource).Assembly.GetManifestResourceStream("custom-resources.yaml")!);
        return YamlText.Read(reader.ReadToEnd()).Single();
    }

    private static IEnumerable<string> Check(JsonNode? rule, JsonNode? value, string path) => rule switch
    {
        JsonObject fields => value is JsonObject body ? CheckFields(fields, body, path) : [$"{path} must be an object"],
        JsonArray words => words.Any(word => JsonNode.DeepEquals(word, value)) ? [] : [$"{path} must be one of {words.ToJsonString()}"],
        _ => FitsType(rule!.GetValue<string>(), value) ? [] : [$"{path} must be of type {rule}, not {value?.ToJsonString() ?? "null"}"],
    };

    private static IEnumerable<string> CheckFields(JsonObject fields, JsonObject body, string path)
    {
        var known = fields.ToDictionary(static field => field.Key.TrimEnd('!').Replace("[]", "", StringComparison.Ordinal), static field => field);
        foreach (var (name, value) in body)
        {
            if (!known.TryGetValue(name, out var field))
            {
                yield return $"{path}.{name} is not known";
                continue;
            }

            var isList = field.Key.Contains("[]", StringComparison.Ordinal);
            if (isList && value is not JsonArray)
            {
                yield return $"{path}.{name} must be a list";
                continue;
            }

            foreach (var fault in isList
                ? value!.AsArray().SelectMany((item, index) => Check(field.Value, item, $"{path}.{name}[{index}]"))
                : Check(field.Value, value, $"{path}.{name}"))
            {
                yield return fault;
            }
        }

        foreach (var (name, _) in known.Where(field => field.Value.Key.EndsWith('!') && !body.ContainsKey(field.Key)))
        {
            yield return $"{path}.{name} is missing";
        }
    }

    private static bool FitsType(string type, JsonNode? value) => type switch
    {
        "any" => true,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "int" => value?.GetValueKind() == JsonValueKind.Number,
        "bool" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "duration" => value?.GetValueKind() == JsonValueKind.String && Duration().IsMatch(value.GetValue<string>()),
        "map" => value is JsonObject map && map.All(static entry => entry.Value?.GetValueKind() == JsonValueKind.String),
        _ => throw new InvalidOperationException($"custom-resources.yaml has a type {type}, which is none."),
    };

    [GeneratedRegex("^([0-9]+(h|m|s))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
