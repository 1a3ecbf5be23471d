namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// A shell pattern: <c>*</c> matches any run of characters, <c>?</c> exactly one, <c>[abc]</c> and <c>[a-z]</c> one of a set and
/// <c>[!abc]</c> one that is not in it (POSIX.2, 2.13, as Python's fnmatch reads it). Everything else is literal and case-sensitive.
/// </summary>
/// <param name="Pattern">The pattern, for example <c>team-*</c>.</param>
public sealed record Glob(string Pattern)
{
    /// <summary>Whether it matches one text only.</summary>
    public bool IsLiteral => Pattern.AsSpan().IndexOfAny('*', '?', '[') < 0;

    /// <summary>Whether the pattern matches the whole of <paramref name="text"/>; at most length of pattern times length of text steps.</summary>
    public bool IsMatch(ReadOnlySpan<char> text)
    {
        int at = 0, position = 0, star = -1, resume = 0;
        while (position < text.Length)
        {
            if (at < Pattern.Length && Pattern[at] == '*')
            {
                star = at++;
                resume = position;
            }
            else if (at < Pattern.Length && Matches(text[position], at, out var next))
            {
                at = next;
                position++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                position = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (at < Pattern.Length && Pattern[at] == '*')
        {
            at++;
        }

        return at == Pattern.Length;
    }

    /// <summary>Whether the element at a position of the pattern matches a character, and the position of the next element.</summary>
    private bool Matches(char character, int at, out int next)
    {
        next = at + 1;
        if (Pattern[at] != '[' || EndOfSet(at) is not (> 0 and var end))
        {
            return Pattern[at] == '?' || Pattern[at] == character;
        }

        next = end + 1;
        var isNegated = Pattern[at + 1] == '!';
        var set = Pattern.AsSpan()[(at + (isNegated ? 2 : 1))..end];
        return IsIn(set, character) != isNegated;
    }

    /// <summary>The closing bracket of the set that begins at a position; -1 if there is none: then the bracket is literal.</summary>
    private int EndOfSet(int at)
    {
        // A closing bracket in first place is a member of the set.
        var first = at + 1 < Pattern.Length && Pattern[at + 1] == '!' ? at + 2 : at + 1;
        return first < Pattern.Length ? Pattern.IndexOf(']', Math.Min(first + 1, Pattern.Length)) : -1;
    }

    private static bool IsIn(ReadOnlySpan<char> set, char character)
    {
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                if (set[i] <= character && character <= set[i + 2])
                {
                    return true;
                }

                i += 2;
            }
            else if (set[i] == character)
            {
                return true;
            }
        }

        return false;
    }
}
