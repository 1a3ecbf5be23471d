namespace ClusterTrust.Text;

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

    /// <summary>
    /// The optimal string alignment distance: how many characters must be inserted, removed, replaced or swapped with their neighbour.
    /// </summary>
    private static int Distance(string from, string to)
    {
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var replaced = rows[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[from.Length, to.Length];
    }
}
