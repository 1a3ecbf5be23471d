namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The objects of one type, with their sorted order kept until the next write. Not thread-safe: the cluster state guards it.</summary>
internal sealed class ObjectCollection
{
    private readonly Dictionary<string, StoredObject> objects = new(StringComparer.Ordinal);
    private readonly Dictionary<long, StoredObject[]> pinned = [];
    private StoredObject[]? sorted;

    /// <summary>Every object by key; the array is never changed afterwards, so it serves as a snapshot.</summary>
    public StoredObject[] Sorted => sorted ??= [.. objects.Values.OrderBy(static stored => stored.Key, StringComparer.Ordinal)];

    public StoredObject? Find(string key) => objects.GetValueOrDefault(key);

    public void Set(StoredObject stored)
    {
        objects[stored.Key] = stored;
        sorted = null;
    }

    public void Remove(string key)
    {
        objects.Remove(key);
        sorted = null;
    }

    /// <summary>Keeps a snapshot so that later pages show the same revision.</summary>
    public void Pin(long revision, StoredObject[] snapshot) => pinned[revision] = snapshot;

    public StoredObject[]? At(long revision) => pinned.GetValueOrDefault(revision);

    public void Unpin() => pinned.Clear();
}
