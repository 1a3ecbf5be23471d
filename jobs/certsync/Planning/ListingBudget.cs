namespace ClusterTrust.CertSync.Planning;

/// <summary>Bounds a listing: its pages without anything new, and the memory for its entries.</summary>
internal sealed class ListingBudget
{
    /// <summary>Pages in a row without anything new. Real ones are empty at times, but not for long.</summary>
    private const int MaximumIdlePages = 100;

    /// <summary>Characters (of two bytes) that are kept; enough for 100,000 Secrets or certificates.</summary>
    private const long MaximumCharacters = 32 * 1024 * 1024;

    /// <summary>The memory for an entry besides its texts, in characters.</summary>
    private const int EntryCost = 150;

    /// <summary>Characters of entries that are not kept, so that a list without end ends.</summary>
    private const long MaximumSkipped = 4 * MaximumCharacters;

    private long _characters;
    private long _skipped;
    private int _entries;
    private int _idlePages;

    /// <summary>Counts a new entry.</summary>
    /// <param name="length">The total length of its texts, in characters.</param>
    public void Add(int length)
    {
        _characters += length + EntryCost;
        _entries++;
        _idlePages = -1;
    }

    /// <summary>Whether the entries need more memory than the listing may.</summary>
    public bool IsExceeded => _characters > MaximumCharacters;

    /// <summary>Takes back entries that are no longer kept.</summary>
    /// <param name="length">The total length of their texts, in characters.</param>
    public void Remove(long length, int entries)
    {
        _characters -= length + ((long)entries * EntryCost);
        _entries -= entries;
    }

    /// <summary>Counts a new entry that is not kept.</summary>
    /// <param name="length">The total length of its texts, in characters.</param>
    public void Skip(int length)
    {
        _skipped += length + EntryCost;
        _idlePages = -1;
    }

    /// <summary>Ends a page.</summary>
    /// <returns>Why the listing must not go on, a clause to follow its subject; null if it may.</returns>
    public string? EndPage()
    {
        _idlePages++;
        return _idlePages >= MaximumIdlePages ? $"does not end: the last {MaximumIdlePages} pages contained nothing new"
            : IsExceeded || _skipped > MaximumSkipped ? $"exceeds the memory limit, with {_entries} entries so far"
            : null;
    }
}
