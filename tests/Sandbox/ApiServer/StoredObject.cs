namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>One object as it is stored, immutable, with its bytes made once so that long lists are served fast.</summary>
public sealed class StoredObject
{
    private readonly byte[] _item;
    private readonly byte[] _metadata;

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
        _item = JsonText.Bytes(body);
        _metadata = JsonText.Bytes(new JsonObject { ["metadata"] = meta?.DeepClone() });
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
    public JsonObject Body => (JsonObject)JsonNode.Parse(Json())!;

    internal byte[] Json() => [.. Head(Type.Kind, Type.ApiVersion), .. _item.AsSpan(1)];

    /// <summary>The body as it stands in a list: without kind and apiVersion.</summary>
    internal ReadOnlySpan<byte> ListItem => _item;

    internal byte[] MetadataJson() => [.. Head("PartialObjectMetadata", "meta.k8s.io/v1"), .. _metadata.AsSpan(1)];

    /// <summary>What a field selector may name; empty where the object has nothing.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    private static byte[] Head(string kind, string apiVersion) =>
        System.Text.Encoding.UTF8.GetBytes($$"""{"kind":"{{kind}}","apiVersion":"{{apiVersion}}",""");
}
