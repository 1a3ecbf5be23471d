namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Everything the cluster stores. Thread-safe; each write gives the object the cluster's next resourceVersion.</summary>
public sealed partial class ClusterState
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Dictionary<ResourceType, ImmutableSortedDictionary<string, StoredObject>> _collections =
        ResourceType.All.ToDictionary(static type => type, static _ => ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal));

    private readonly ConcurrentDictionary<(ResourceType Type, long Revision), ImmutableSortedDictionary<string, StoredObject>> _pinned = new();
    private readonly bool _controllers;
    private long _revision = 100;

    /// <param name="controllers">Whether controllers act on namespaces: they make the ServiceAccount <c>default</c>, and empty and remove a deleted one.</param>
    public ClusterState(TimeProvider? clock = null, bool controllers = true)
    {
        this._clock = clock ?? TimeProvider.System;
        this._controllers = controllers;
        foreach (var name in new[] { "default", "kube-system", "kube-public" })
        {
            AddNamespace(name);
        }
    }

    public IReadOnlyList<StoredObject> List(ResourceType type) => [.. Snapshot(type).Objects.Values];

    public StoredObject? Find(ResourceType type, string? space, string name)
    {
        lock (_gate)
        {
            return _collections[type].GetValueOrDefault(type.Key(space, name));
        }
    }

    /// <summary>Creates an object; its namespace must exist.</summary>
    public StoredObject Create(ResourceType type, JsonObject body)
    {
        var created = (JsonObject)body.DeepClone();
        var metadata = Metadata(created);
        var space = metadata.Text("namespace");
        lock (_gate)
        {
            // In the real server's order: admission, validation, storage.
            var name = metadata.Text("name") ?? "";
            if (type.Namespaced)
            {
                Admit(type, space ?? "", name);
            }

            ObjectDefaults.Apply(type, created);
            ObjectRules.Check(type, created, null);
            if (metadata.Text("resourceVersion") is { Length: > 0 })
            {
                throw new ApiStatus(500, "", "resourceVersion should not be set on objects to be created");
            }

            if (_collections[type].ContainsKey(type.Key(space, name)))
            {
                throw ApiStatus.AlreadyExists(type, name);
            }

            return Write(type, created, null);
        }
    }

    /// <summary>Replaces an object, checking the uid and the resourceVersion that the body names. A Lease that does not exist is created, unless the body names a uid.</summary>
    public StoredObject Update(ResourceType type, JsonObject body)
    {
        var updated = (JsonObject)body.DeepClone();
        var metadata = Metadata(updated);
        var (space, name) = (metadata.Text("namespace"), metadata.Text("name") ?? "");
        lock (_gate)
        {
            var before = type == ResourceType.Leases ? Find(type, space, name) : Get(type, space, name);
            if (metadata.Text("uid") is { Length: > 0 } uid && uid != before?.Uid)
            {
                throw ApiStatus.Conflict(
                    type,
                    name,
                    $"StorageError: invalid object, Code: 4, Key: /registry/{type.Plural}/{type.Key(space, name)}, ResourceVersion: 0, "
                    + $"AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {before?.Uid}");
            }

            if (before is null)
            {
                Admit(type, space ?? "", name);
            }
            else
            {
                CheckPreconditions(type, metadata, before);
            }

            return Write(type, updated, before);
        }
    }

    /// <summary>Merges a patch into an object (RFC 7396), checking a resourceVersion that it names.</summary>
    public StoredObject Patch(ResourceType type, string? space, string name, JsonObject patch)
    {
        lock (_gate)
        {
            var before = Get(type, space, name);
            var body = before.Body;
            MergePatch.Apply(body, patch);
            var metadata = Metadata(body);
            (metadata["name"], metadata["namespace"]) = (name, type.Namespaced ? space : null);
            CheckPreconditions(type, metadata, before);
            return Write(type, body, before);
        }
    }

    /// <summary>Deletes an object, and with a namespace everything in it; without controllers a namespace is marked as terminating and stays.</summary>
    public StoredObject Delete(ResourceType type, string? space, string name)
    {
        lock (_gate)
        {
            var stored = Get(type, space, name);
            if (type == ResourceType.Namespaces && !_controllers)
            {
                var terminating = stored.Body;
                terminating["metadata"]!["deletionTimestamp"] ??= JsonText.Timestamp(_clock.GetUtcNow());
                terminating["status"] = new JsonObject { ["phase"] = "Terminating" };
                return Write(type, terminating, stored);
            }

            _collections[type] = _collections[type].Remove(stored.Key);
            foreach (var (inside, objects) in type == ResourceType.Namespaces ? _collections.ToArray() : [])
            {
                _collections[inside] = objects.RemoveRange(objects.Values.Where(one => one.Namespace == name).Select(static one => one.Key));
            }

            _revision++;
            return stored;
        }
    }

    /// <summary>Forgets old revisions, as etcd's compaction does: continue tokens given out so far are answered 410 Expired.</summary>
    public void Compact() => _pinned.Clear();

    internal (ImmutableSortedDictionary<string, StoredObject> Objects, long Revision) Snapshot(ResourceType type)
    {
        lock (_gate)
        {
            return (_collections[type], _revision);
        }
    }

    /// <summary>The objects of a type at a revision that a continue token names; null when it was compacted.</summary>
    internal ImmutableSortedDictionary<string, StoredObject>? At(ResourceType type, long old) => _pinned.GetValueOrDefault((type, old));

    /// <summary>Keeps a snapshot, so that later pages show the same revision.</summary>
    internal void Pin(ResourceType type, long current, ImmutableSortedDictionary<string, StoredObject> snapshot) => _pinned[(type, current)] = snapshot;

    /// <summary>A body's metadata, which are added when there are none.</summary>
    internal static JsonObject Metadata(JsonObject body) => (JsonObject)(body["metadata"] ??= new JsonObject());

    private StoredObject Get(ResourceType type, string? space, string name) =>
        _collections[type].GetValueOrDefault(type.Key(space, name)) ?? throw ApiStatus.NotFound(type, name);

    /// <summary>The admission of NamespaceLifecycle: a namespace must exist, and not be on its way out.</summary>
    private void Admit(ResourceType type, string space, string name)
    {
        if (Get(ResourceType.Namespaces, null, space).Body.Text("metadata", "deletionTimestamp") is not null)
        {
            throw ApiStatus.Terminating(type, space, name);
        }
    }

    private static void CheckPreconditions(ResourceType type, JsonObject metadata, StoredObject before)
    {
        var version = metadata.Text("resourceVersion") ?? "";
        if (version.Length == 0 && type == ResourceType.Leases)
        {
            var faults = new FieldFaults();
            faults.Invalid("metadata.resourceVersion");
            faults.Throw(type.Group, type.Plural, before.Name);
        }

        if (version.Length > 0 && version != before.ResourceVersion)
        {
            throw ApiStatus.Conflict(
                type, before.Name, "the object has been modified; please apply your changes to the latest version and try again");
        }
    }

    private StoredObject Write(ResourceType type, JsonObject body, StoredObject? before)
    {
        var metadata = Metadata(body);
        ObjectDefaults.Apply(type, body);
        ObjectRules.Check(type, body, before);
        metadata["uid"] = before?.Uid ?? Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = before?.Body["metadata"].Text("creationTimestamp") ?? JsonText.Timestamp(_clock.GetUtcNow());
        metadata["resourceVersion"] = before?.ResourceVersion;
        if (before is not null && JsonNode.DeepEquals(ObjectDefaults.Ordered(body), ObjectDefaults.Ordered(before.Body)))
        {
            // A write that changes nothing is none: the resourceVersion stays.
            return before;
        }

        metadata["resourceVersion"] = (++_revision).ToString(CultureInfo.InvariantCulture);
        var stored = new StoredObject(type, ObjectDefaults.Ordered(body));
        _collections[type] = _collections[type].SetItem(stored.Key, stored);
        if (type == ResourceType.Namespaces && before is null && _controllers)
        {
            AddServiceAccount(stored.Name, "default");
        }

        return stored;
    }
}
