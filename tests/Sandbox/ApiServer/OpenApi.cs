namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Just enough of <c>/openapi/v3</c> for <c>kubectl apply</c>: that every stored kind can be patched and that the server validates fields.</summary>
internal static class OpenApi
{
    /// <summary>The media type of the second version's document, in which kubectl asks for it.</summary>
    public const string V2Type = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    /// <summary>
    /// The second version's document: title and version, and no schema. kubectl validates a <c>List</c> by it, no server knowing that kind, and
    /// passes over what has no schema.
    /// </summary>
    public static readonly byte[] V2 = [.. Field(1, "2.0"u8), .. Field(2, [.. Field(1, "Kubernetes"u8), .. Field(2, "v1.36.2"u8)]), .. Field(8, [])];

    /// <summary>The index of documents, one a group and version.</summary>
    public static JsonObject Index() => new()
    {
        ["paths"] = new JsonObject(ResourceType.All.Select(static type => type.Place).Distinct()
            .Select(static place => KeyValuePair.Create(place, (JsonNode?)new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{place}" }))),
    };

    /// <summary>The document of one group and version; null when it is not served.</summary>
    public static JsonObject? Document(string place)
    {
        var types = ResourceType.All.Where(type => type.Place == place).ToList();
        return types.Count == 0 ? null : new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36.2" },
            ["paths"] = new JsonObject(types.Select(type => KeyValuePair.Create(type.Path("{namespace}") + "/{name}", (JsonNode?)new JsonObject { ["patch"] = Patch(type) }))),
        };
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> value) => [(byte)((number << 3) | 2), (byte)value.Length, .. value];

    private static JsonObject Patch(ResourceType type) => new()
    {
        ["operationId"] = $"patch{type.Kind}",
        ["parameters"] = new JsonArray(new JsonObject
        {
            ["name"] = "fieldValidation",
            ["in"] = "query",
            ["schema"] = new JsonObject { ["type"] = "string" },
        }),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = type.Group, ["kind"] = type.Kind, ["version"] = ResourceType.Version },
    };
}
