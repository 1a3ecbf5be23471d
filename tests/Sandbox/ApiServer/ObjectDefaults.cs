namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The fields that the API server sets by default, and the order in which it writes an object's parts.</summary>
internal static class ObjectDefaults
{
    private static readonly string[] MetadataOrder =
    [
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "labels", "annotations", "ownerReferences", "finalizers",
    ];

    private static readonly string[] ReferenceOrder = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];

    public static void Apply(ResourceType type, JsonObject body)
    {
        if (type == ResourceType.Secrets)
        {
            body["type"] ??= "Opaque";
        }
        else if (type == ResourceType.Namespaces)
        {
            var labels = body["metadata"]!["labels"] as JsonObject ?? [];
            labels["kubernetes.io/metadata.name"] = body["metadata"].Text("name");
            body["metadata"]!["labels"] = labels.DeepClone();
            body["spec"] ??= new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
            body["status"] ??= new JsonObject { ["phase"] = "Active" };
        }
        else if (type == ResourceType.Events)
        {
            body["deprecatedSource"] ??= new JsonObject();
            body.TryAdd("deprecatedFirstTimestamp", null);
            body.TryAdd("deprecatedLastTimestamp", null);
            if (body["regarding"] is JsonObject regarding)
            {
                body["regarding"] = new JsonObject(ReferenceOrder.Where(regarding.ContainsKey).Select(name => KeyValuePair.Create(name, regarding[name]?.DeepClone())));
            }
        }
        else if (type == ResourceType.RoleBindings || type == ResourceType.ClusterRoleBindings)
        {
            foreach (var subject in (body["subjects"] as JsonArray ?? []).OfType<JsonObject>())
            {
                if (subject.Text("kind") != "ServiceAccount")
                {
                    subject["apiGroup"] ??= "rbac.authorization.k8s.io";
                }
            }
        }
    }

    /// <summary>A copy of a body without kind and apiVersion, metadata first and in the API server's order.</summary>
    public static JsonObject Ordered(JsonObject body)
    {
        var given = (JsonObject)body["metadata"]!;
        var metadata = new JsonObject();
        foreach (var name in MetadataOrder)
        {
            if (given[name] is { } value && value is not JsonObject { Count: 0 })
            {
                metadata[name] = value.DeepClone();
            }
        }

        var ordered = new JsonObject { ["metadata"] = metadata };
        foreach (var (name, value) in body)
        {
            if (name is not ("metadata" or "kind" or "apiVersion"))
            {
                ordered[name] = value?.DeepClone();
            }
        }

        return ordered;
    }
}
