namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>One object as it is stored, immutable, with its JSON made once so that long lists are served fast.</summary>
public sealed class StoredObject
{
    private readonly string _metadata;

    /// <param name="body">The body without kind and apiVersion; its metadata is complete.</param>
    internal StoredObject(ResourceType type, JsonObject body)
    {
        Type = type;
        var meta = body["metadata"];
        Name = meta.Text("name")!;
        Namespace = meta.Text("namespace") ?? "";
        Uid = meta.Text("uid")!;
        ResourceVersion = meta.Text("resourceVersion")!;
        Labels = ((meta?["labels"] as JsonObject) ?? []).ToDictionary(static label => label.Key, static label => label.Value.Text() ?? "");
        ListItem = body.ToJsonString(JsonText.Relaxed);
        _metadata = new JsonObject { ["metadata"] = meta?.DeepClone() }.ToJsonString(JsonText.Relaxed);
        Fields = type.SelectableFields.Append("metadata.name").Append("metadata.namespace").ToDictionary(static field => field, field => body.Text(field.Split('.')) ?? "");
    }

    public ResourceType Type { get; }

    public string Name { get; }

    /// <summary>Empty for a cluster-scoped object.</summary>
    public string Namespace { get; }

    public string Uid { get; }

    public string ResourceVersion { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public string Key => Type.Key(Namespace, Name);

    /// <summary>A copy of the whole body, with kind and apiVersion.</summary>
    public JsonObject Body => (JsonObject)JsonNode.Parse(Json)!;

    internal string Json => $"{Head(Type.Kind, Type.ApiVersion)}{ListItem.AsSpan(1)}";

    /// <summary>The body as it stands in a list: without kind and apiVersion.</summary>
    internal string ListItem { get; }

    internal string MetadataJson => $"{Head("PartialObjectMetadata", "meta.k8s.io/v1")}{_metadata.AsSpan(1)}";

    /// <summary>What a field selector may name; empty where the object has nothing.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    private static string Head(string kind, string apiVersion) => $$"""{"kind":"{{kind}}","apiVersion":"{{apiVersion}}",""";
}
