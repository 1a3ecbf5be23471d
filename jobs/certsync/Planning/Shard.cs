namespace ClusterTrust.CertSync.Planning;

/// <summary>One of several equal parts of the certificates, split by name: a name is always in the same part.</summary>
/// <param name="Index">From 0, as in <c>JOB_COMPLETION_INDEX</c>.</param>
public sealed record Shard(int Index, int Count)
{
    public static Shard Whole { get; } = new(0, 1);

    /// <summary>Whether this part has the certificate (FNV-1a over the name in lower case).</summary>
    public bool Has(string name) => Count == 1
        || Encoding.UTF8.GetBytes(name.ToLowerInvariant()).Aggregate(2166136261u, static (hash, octet) => unchecked((hash ^ octet) * 16777619u)) % (uint)Count == (uint)Index;

    /// <summary>Reads <c>INDEX/COUNT</c>, such as <c>0/4</c>; null if the text has another form or the index is not below the count.</summary>
    public static Shard? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && int.TryParse(text.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index < count
            ? new Shard(index, count)
            : null;
    }
}
