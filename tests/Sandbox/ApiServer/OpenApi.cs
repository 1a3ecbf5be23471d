namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Just enough of <c>/openapi/v3</c> for <c>kubectl apply</c>: that every stored kind can be patched and that the server validates fields.</summary>
internal static class OpenApi
{
    /// <summary>The index of documents, one a group and version.</summary>
    public static JsonNode? Index()
    {
        var documents = ResourceType.All.Select(static type => type.Place).Distinct().Select(static place => $$"""  "{{place}}":{"serverRelativeURL":"/openapi/v3/{{place}}"} """);
        return JsonNode.Parse($$"""{"paths": { {{string.Join(',', documents)}} } }""");
    }

    /// <summary>The document of one group and version; null when it is not served.</summary>
    public static JsonNode? Document(string place)
    {
        var paths = ResourceType.All.Where(type => type.Place == place).Select(static type => $$$"""
             "{{{type.Path("{namespace}")}}}/{name}":{"patch":{"operationId":"patch{{{type.Kind}}}","parameters":[{"name":"fieldValidation","in":"query","schema":{"type":"string"}}],
             "responses":{"200":{"description":"OK"}},"x-kubernetes-group-version-kind":{"group":"{{{type.Group}}}","kind":"{{{type.Kind}}}","version":"{{{ResourceType.Version}}}"} } }
            """).ToArray();
        return paths.Length == 0 ? null : JsonNode.Parse($$"""{"openapi":"3.0.0","info":{"title":"Kubernetes","version":"v1.36.2"},"paths": { {{string.Join(',', paths)}} } }""");
    }
}
