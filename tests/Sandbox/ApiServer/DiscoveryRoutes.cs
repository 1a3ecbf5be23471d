namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>
/// Serves discovery for clients such as kubectl: versions, groups, resources, and just enough of <c>/openapi/v3</c> for <c>kubectl apply</c>: that
/// every stored kind can be patched and that the server validates fields.
/// </summary>
internal static class DiscoveryRoutes
{
    private const string Version = """
        {"major":"1","minor":"36","emulationMajor":"1","emulationMinor":"36","minCompatibilityMajor":"1","minCompatibilityMinor":"35","gitVersion":"v1.36.2",
         "gitCommit":"8e16b12fda5b1dccc41a6de48b3e356cc7d5048b","gitTreeState":"","buildDate":"1970-01-01T00:00:00Z","goVersion":"go1.26.11","compiler":"gc","platform":"linux/amd64"}
        """;

    private static readonly string[] Groups = [.. ResourceType.All.Select(static type => type.Group).Where(static group => group.Length > 0).Distinct()];

    public static JsonNode? Find(HttpRequest request) => request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["version"] => JsonNode.Parse(Version),
        ["api"] => JsonNode.Parse($$"""{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"{{request.Host.Value}}"}]}"""),
        ["api", "v1"] => Resources(""),
        ["apis"] => JsonNode.Parse($$"""{"kind":"APIGroupList","apiVersion":"v1","groups":[{{string.Join(',', Groups.Select(Group))}}]}"""),
        ["apis", var group, "v1"] when Groups.Contains(group) => Resources(group),
        ["openapi", "v3"] => OpenApi(),
        ["openapi", "v3", .. var place] => OpenApi(string.Join('/', place)),
        _ => null,
    };

    private static string Group(string name)
    {
        var served = $$"""{"groupVersion":"{{name}}/v1","version":"v1"}""";
        return $$"""{"name":"{{name}}","versions":[{{served}}],"preferredVersion":{{served}}}""";
    }

    private static JsonNode? Resources(string group)
    {
        var resources = ResourceType.All.Where(type => type.Group == group).Select(static type =>
            $$"""{"name":"{{type.Plural}}","singularName":"{{type.Kind.ToLowerInvariant()}}","namespaced":{{(type.Namespaced ? "true" : "false")}},"kind":"{{type.Kind}}","verbs":["create","delete","get","list","patch","update"]}""");
        return JsonNode.Parse($$"""{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"{{(group.Length == 0 ? "v1" : $"{group}/v1")}}","resources":[{{string.Join(',', resources)}}]}""");
    }

    private static JsonNode? OpenApi()
    {
        var documents = ResourceType.All.Select(static type => type.Place).Distinct().Select(static place => $$"""  "{{place}}":{"serverRelativeURL":"/openapi/v3/{{place}}"} """);
        return JsonNode.Parse($$"""{"paths": { {{string.Join(',', documents)}} } }""");
    }

    private static JsonNode? OpenApi(string place)
    {
        var paths = ResourceType.All.Where(type => type.Place == place).Select(static type => $$$"""
             "{{{type.Path("{namespace}")}}}/{name}":{"patch":{"operationId":"patch{{{type.Kind}}}","parameters":[{"name":"fieldValidation","in":"query","schema":{"type":"string"}}],
             "responses":{"200":{"description":"OK"}},"x-kubernetes-group-version-kind":{"group":"{{{type.Group}}}","kind":"{{{type.Kind}}}","version":"{{{ResourceType.Version}}}"} } }
            """).ToArray();
        return paths.Length == 0 ? null : JsonNode.Parse($$"""{"openapi":"3.0.0","info":{"title":"Kubernetes","version":"v1.36.2"},"paths": { {{string.Join(',', paths)}} } }""");
    }
}
