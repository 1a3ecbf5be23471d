using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// A shell pattern: <c>*</c> matches any run of characters, <c>?</c> exactly one, <c>[abc]</c> and <c>[a-z]</c> one of a set and
/// <c>[!abc]</c> one that is not in it (POSIX.2, 2.13, as Python's fnmatch reads it). Everything else is literal and case-sensitive.
/// </summary>
/// <param name="Pattern">The pattern, for example <c>team-*</c>.</param>
/// <exception cref="ArgumentException">A range ends before it begins, as in <c>[z-a]</c>.</exception>
public sealed record Glob(string Pattern)
{
    // Tenants choose the names that are matched, so that the time must be linear.
    private readonly Regex? _regex = Pattern.AsSpan().IndexOfAny('*', '?', '[') < 0
        ? null
        : new(Translate(Pattern), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);

    /// <summary>Reads a pattern; null if a range ends before it begins.</summary>
    public static Glob? Parse(string pattern)
    {
        try
        {
            return new Glob(pattern);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether it matches one text only.</summary>
    public bool IsLiteral => _regex is null;

    /// <summary>Whether the pattern matches the whole of a text.</summary>
    public bool IsMatch(string text) => _regex?.IsMatch(text) ?? text == Pattern;

    /// <summary>The pattern with <c>?</c> for each set; a bracket that is left is literal.</summary>
    internal string WithoutSets()
    {
        var rest = new StringBuilder();
        for (var at = 0; at < Pattern.Length; at++)
        {
            var isSet = Pattern[at] == '[' && EndOfSet(Pattern, at) > 0;
            rest.Append(isSet ? '?' : Pattern[at]);
            at = isSet ? EndOfSet(Pattern, at) : at;
        }

        return rest.ToString();
    }

    public bool Equals(Glob? other) => Pattern == other?.Pattern;

    public override int GetHashCode() => Pattern.GetHashCode(StringComparison.Ordinal);

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        for (var at = 0; at < pattern.Length; at++)
        {
            if (pattern[at] == '[' && EndOfSet(pattern, at) is > 0 and var end)
            {
                regex.Append(TranslateSet(pattern.AsSpan()[(at + 1)..end]));
                at = end;
            }
            else
            {
                regex.Append(pattern[at] switch { '*' => ".*", '?' => ".", var literal => Escape(literal) });
            }
        }

        return regex.Append(@"\z").ToString();
    }

    /// <summary>The closing bracket of the set that begins at a position; -1 if there is none: then the bracket is literal.</summary>
    private static int EndOfSet(string pattern, int at)
    {
        // A closing bracket in first place is a member of the set.
        var first = at + 1 < pattern.Length && pattern[at + 1] == '!' ? at + 2 : at + 1;
        return first < pattern.Length ? pattern.IndexOf(']', Math.Min(first + 1, pattern.Length)) : -1;
    }

    private static string TranslateSet(ReadOnlySpan<char> set)
    {
        var isNegated = set[0] == '!';
        var members = new StringBuilder(isNegated ? "[^" : "[");
        for (var i = isNegated ? 1 : 0; i < set.Length; i++)
        {
            var last = i + 2 < set.Length && set[i + 1] == '-' ? i + 2 : i;
            members.Append(CultureInfo.InvariantCulture, $"{Escape(set[i])}-{Escape(set[last])}");
            i = last;
        }

        return members.Append(']').ToString();
    }

    private static string Escape(char character) => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)character:x4}");
}
