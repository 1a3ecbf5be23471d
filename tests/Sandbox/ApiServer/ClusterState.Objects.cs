namespace ClusterTrust.Sandbox.ApiServer;

/// <content>Shortcuts for tests to the objects of a cluster.</content>
public sealed partial class ClusterState
{
    public IReadOnlyList<StoredObject> Secrets => List(ResourceType.Secrets);

    public IReadOnlyList<StoredObject> Events => List(ResourceType.Events);

    /// <summary>The Leases of the jobs, without those of the API servers.</summary>
    public IReadOnlyList<StoredObject> Leases => [.. List(ResourceType.Leases).Where(static lease => lease.Namespace != "kube-system")];

    /// <summary>Creates or replaces an object without conditions, making its namespace when there is none.</summary>
    public StoredObject Put(ResourceType type, JsonObject body)
    {
        var put = (JsonObject)body.DeepClone();
        var metadata = Metadata(put);
        if (type.Namespaced)
        {
            metadata["namespace"] ??= "default";
            AddNamespace(metadata.Text("namespace")!);
        }

        lock (_gate)
        {
            return Write(type, put, _collections[type].GetValueOrDefault(type.Key(metadata.Text("namespace"), metadata.Text("name")!)));
        }
    }

    /// <summary>Creates or replaces a Secret; the uid of one that exists is kept, its resourceVersion grows when anything changed.</summary>
    /// <param name="data">Entries as plain bytes; missing ones that the type requires are empty, as cert-manager creates them.</param>
    public StoredObject PutSecret(
        string space,
        string name,
        IReadOnlyCollection<KeyValuePair<string, byte[]>> data,
        string type = "kubernetes.io/tls",
        IEnumerable<KeyValuePair<string, string>>? labels = null,
        IEnumerable<KeyValuePair<string, string>>? annotations = null) =>
        Put(ResourceType.Secrets, Secret(space, name, data, type, labels ?? [], annotations ?? []));

    public void DeleteSecret(string space, string name) => Delete(ResourceType.Secrets, space, name);

    /// <summary>Makes a namespace, and its default ServiceAccount where there are controllers, unless it exists.</summary>
    public void AddNamespace(string name)
    {
        lock (_gate)
        {
            if (!_collections[ResourceType.Namespaces].ContainsKey(name))
            {
                Write(ResourceType.Namespaces, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, null);
            }
        }
    }

    /// <summary>Makes a ServiceAccount and, when needed, its namespace, unless it exists.</summary>
    public StoredObject AddServiceAccount(string space, string name) => Find(ResourceType.ServiceAccounts, space, name)
        ?? Put(ResourceType.ServiceAccounts, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space } });

    internal static JsonObject Secret(
        string space,
        string name,
        IReadOnlyCollection<KeyValuePair<string, byte[]>> data,
        string type,
        IEnumerable<KeyValuePair<string, string>> labels,
        IEnumerable<KeyValuePair<string, string>> annotations)
    {
        var missing = ObjectRules.EntriesOf(type).Except(data.Select(static entry => entry.Key)).Select(static entry => KeyValuePair.Create<string, byte[]>(entry, []));
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = space,
                ["labels"] = JsonText.Object(labels),
                ["annotations"] = JsonText.Object(annotations),
            },
            ["data"] = JsonText.Object(data.Concat(missing).Select(static entry => KeyValuePair.Create(entry.Key, Convert.ToBase64String(entry.Value)))),
            ["type"] = type,
        };
    }
}
