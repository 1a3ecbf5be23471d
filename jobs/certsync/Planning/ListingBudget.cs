namespace ClusterTrust.CertSync.Planning;

/// <summary>Ends a listing that has no end of its own: one that goes on and on without anything new, or that would not fit into memory.</summary>
internal sealed class ListingBudget
{
    /// <summary>How many pages in a row may bring nothing new. Real ones are empty at times, but not for long.</summary>
    private const int MostIdlePages = 100;

    /// <summary>What may be kept, in characters of two bytes; enough for 100,000 Secrets or certificates.</summary>
    private const long MostCharacters = 32 * 1024 * 1024;

    /// <summary>What an entry costs besides its texts, in characters.</summary>
    private const int EntryCost = 150;

    private long characters;
    private int entries;
    private int idlePages;

    /// <summary>Counts an entry that was not there before.</summary>
    /// <param name="length">The length of its texts together, in characters.</param>
    public void Add(int length)
    {
        characters += length + EntryCost;
        entries++;
        idlePages = -1;
    }

    /// <summary>A page ends.</summary>
    /// <returns>Why the listing must not go on, to follow a subject; null when it may.</returns>
    public string? EndPage()
    {
        idlePages++;
        return idlePages >= MostIdlePages ? $"goes on without end: the last {MostIdlePages} pages had nothing new"
            : characters > MostCharacters ? $"is longer than can be kept in memory, with {entries} entries so far"
            : null;
    }
}
