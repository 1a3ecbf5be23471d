using System.Diagnostics.CodeAnalysis;

namespace ClusterTrust.Text;

public static class Sentence
{
    /// <summary>The format of <see cref="Time"/>.</summary>
    [StringSyntax(StringSyntaxAttribute.DateTimeFormat)]
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Joins names: <c>a, b or c</c>.</summary>
    public static string List(IReadOnlyList<string> items, string word) => items.Count < 2
        ? string.Concat(items)
        : $"{string.Join(", ", items.SkipLast(1))} {word} {items[^1]}";

    /// <summary>A time in UTC and whole seconds (RFC 3339): <c>2026-11-29T12:00:00Z</c>.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>The candidate that a user who mistyped a name probably meant: the one with the fewest edits, at most a third of the name's length; or null.</summary>
    internal static string? NearMiss(string text, IEnumerable<string> candidates)
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

    /// <summary>The optimal string alignment distance: the number of characters to insert, remove, replace or swap with their neighbour.</summary>
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
