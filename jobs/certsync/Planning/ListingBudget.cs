namespace ClusterTrust.CertSync.Planning;

/// <summary>Bounds a listing: its pages without anything new, and the memory for its entries.</summary>
/// <param name="maximum">Characters (of two bytes) that are kept.</param>
internal sealed class ListingBudget(long maximum)
{
    /// <summary>Pages in a row without anything new. A server may send a few empty pages, but not many in a row.</summary>
    private const int MaximumIdlePages = 100;

    /// <summary>The memory for an entry besides its texts, in characters.</summary>
    private const int EntryCost = 150;

    /// <summary>The maximum length of entries that are not kept, as a multiple of those that are, so that an endless list ends.</summary>
    private const int MaximumSkipped = 8;

    private long _characters;
    private long _skipped;
    private int _entries;
    private int _idlePages;

    /// <param name="length">The total length of its texts, in characters.</param>
    /// <param name="copies">How many copies of it the run creates.</param>
    /// <returns>Its cost.</returns>
    public long Add(int length, int copies = 1)
    {
        var cost = (long)(length + EntryCost) * copies;
        _characters += cost;
        _entries++;
        _idlePages = -1;
        return cost;
    }

    /// <summary>Whether the entries need more memory than the listing may.</summary>
    public bool IsExceeded => _characters > maximum;

    /// <summary>Subtracts entries that are no longer kept.</summary>
    /// <param name="cost">What <see cref="Add"/> returned for them, in total.</param>
    public void Remove(long cost, int entries)
    {
        _characters -= cost;
        _entries -= entries;
    }

    /// <summary>Counts a new entry that is not kept.</summary>
    /// <param name="length">The total length of its texts, in characters.</param>
    public void Skip(int length)
    {
        _skipped += length + EntryCost;
        _idlePages = -1;
    }

    /// <returns>Why the listing must not go on, a clause to follow its subject; null if it may.</returns>
    public string? EndPage()
    {
        _idlePages++;
        return _idlePages >= MaximumIdlePages ? $"does not end: the last {MaximumIdlePages} pages contained nothing new"
            : IsExceeded || _skipped > MaximumSkipped * maximum ? $"exceeds the memory limit, with {_entries} entries so far"
            : null;
    }
}
