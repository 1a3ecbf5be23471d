namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// A shell pattern: <c>*</c> matches any run of characters, <c>?</c> exactly one, <c>[abc]</c> and <c>[a-z]</c> one of a set and
/// <c>[!abc]</c> one that is not in it (POSIX.2, 2.13, as Python's fnmatch reads it). Everything else is literal and case-sensitive.
/// </summary>
/// <param name="pattern">The pattern, for example <c>team-*</c>.</param>
/// <exception cref="ArgumentException">A range ends before it begins, as in <c>[z-a]</c>.</exception>
public sealed partial class Glob(string pattern)
{
    // Tenants choose the names that are matched, so that the time must be linear.
    private readonly Regex? _regex = pattern.AsSpan().IndexOfAny('*', '?', '[') < 0
        ? null
        : new(Translate(pattern), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);

    /// <summary>Reads a pattern; null if a range ends before it begins, or if it is too long for an expression whose time is linear.</summary>
    public static Glob? Parse(string pattern)
    {
        try
        {
            return new Glob(pattern);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    public string Pattern { get; } = pattern;

    /// <summary>Whether it matches one text only.</summary>
    public bool IsLiteral => _regex is null;

    /// <summary>Whether the pattern matches the whole of a text.</summary>
    public bool IsMatch(string text) => _regex?.IsMatch(text) ?? text == Pattern;

    /// <summary>The pattern with <c>?</c> for each set; a bracket that is left is literal.</summary>
    internal string WithoutSets() => Token().Replace(Pattern, static token => token.Length > 1 ? "?" : token.Value);

    private static string Translate(string pattern) => @"\A" + Token().Replace(pattern, static token => token.Value switch
    {
        "*" => ".*",
        "?" => ".",
        [var literal] => Escape(literal),
        _ => $"[{(token.Groups["not"].Length > 0 ? "^" : "")}{Members().Replace(token.Groups["set"].Value, static member => TranslateMember(member.Value))}]",
    }) + @"\z";

    private static string TranslateMember(string member) => member is [var first, '-', var last] ? $"{Escape(first)}-{Escape(last)}" : Escape(member[0]);

    private static string Escape(char character) => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)character:x4}");

    /// <summary>A set, in which a closing bracket in first place is a member, or a single character.</summary>
    [GeneratedRegex(@"\[(?>(?<not>!?))(?<set>[\s\S][^\]]*)\]|[\s\S]", RegexOptions.CultureInvariant)]
    private static partial Regex Token();

    [GeneratedRegex(@"[\s\S]-[\s\S]|[\s\S]", RegexOptions.CultureInvariant)]
    private static partial Regex Members();
}
