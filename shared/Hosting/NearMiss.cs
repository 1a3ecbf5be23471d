namespace ClusterTrust.Hosting;

/// <summary>Finds what a user who mistyped a name may have meant.</summary>
internal static class NearMiss
{
    /// <summary>The candidate with the fewest edits to the text, when they are few for its length.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="candidates">What would have been right.</param>
    /// <returns>The best candidate, or null when none is near.</returns>
    public static string? Find(string text, IEnumerable<string> candidates)
    {
        if (text.Length > 64)
        {
            return null;
        }

        var best = candidates
            .Select(candidate => (Name: candidate, Edits: Distance(text.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .OrderBy(candidate => candidate.Edits)
            .FirstOrDefault();
        return best.Name is not null && best.Edits <= Math.Max(1, text.Trim('-').Length / 3) ? best.Name : null;
    }

    /// <summary>Levenshtein's distance: how many characters must be inserted, removed or replaced.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
