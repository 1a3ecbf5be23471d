namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Tells clients such as kubectl what is served: versions, groups, resources.</summary>
internal static class DiscoveryRoutes
{
    private static readonly JsonObject Version = new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["emulationMajor"] = "1",
        ["emulationMinor"] = "36",
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = "v1.36.2",
        ["gitCommit"] = "8e16b12fda5b1dccc41a6de48b3e356cc7d5048b",
        ["gitTreeState"] = "",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "go1.26.11",
        ["compiler"] = "gc",
        ["platform"] = "linux/amd64",
    };

    private static readonly string[] Groups = [.. ResourceType.All.Select(static type => type.Group).Where(static group => group.Length > 0).Distinct()];

    /// <summary>The document at a path, or null when there is none.</summary>
    public static JsonNode? Find(HttpRequest request)
    {
        var segments = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments switch
        {
            ["version"] => Version.DeepClone(),
            ["api"] => new JsonObject
            {
                ["kind"] = "APIVersions",
                ["versions"] = JsonText.Array(["v1"]),
                ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = request.Host.Value }),
            },
            ["api", "v1"] => Resources(""),
            ["apis"] => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups.Select(Group)]) },
            ["apis", var group, "v1"] when Groups.Contains(group) => Resources(group),
            ["openapi", "v3"] => OpenApi.Index(),
            ["openapi", "v3", .. var place] => OpenApi.Document(string.Join('/', place)),
            _ => null,
        };
    }

    private static JsonObject Group(string name)
    {
        JsonObject Served() => new() { ["groupVersion"] = $"{name}/v1", ["version"] = "v1" };
        return new JsonObject { ["name"] = name, ["versions"] = new JsonArray(Served()), ["preferredVersion"] = Served() };
    }

    private static JsonObject Resources(string group) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = group.Length == 0 ? "v1" : $"{group}/v1",
        ["resources"] = new JsonArray([.. ResourceType.All.Where(type => type.Group == group).Select(Resource)]),
    };

    private static JsonObject Resource(ResourceType type) => new()
    {
        ["name"] = type.Plural,
        ["singularName"] = type.Kind.ToLowerInvariant(),
        ["namespaced"] = type.Namespaced,
        ["kind"] = type.Kind,
        ["verbs"] = JsonText.Array(["create", "delete", "get", "list", "patch", "update"]),
    };
}
