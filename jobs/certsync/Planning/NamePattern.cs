using System.Text.RegularExpressions;
using ClusterTrust.Hosting.Settings;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Selects certificates by name: a <see cref="Glob"/> that matches the whole name, or <c>regex:</c> and a regular expression that
/// matches anywhere in it, which is how cert-manager-key-vault-sync reads its filter. Tenants choose the names, so only expressions that
/// match in linear time are accepted.
/// </summary>
public sealed class NamePattern
{
    private const string RegexPrefix = "regex:";

    private readonly string _text;
    private readonly Func<string, bool> _isMatch;

    private NamePattern(string text, Func<string, bool> isMatch) => (_text, _isMatch) = (text, isMatch);

    public static Parsed<NamePattern> Parse(string text)
    {
        if (text.Length == 0)
        {
            return Parsed.Fault<NamePattern>("must be a name, a pattern with *, ? and [abc], or regex: and a regular expression");
        }

        if (!text.StartsWith(RegexPrefix, StringComparison.Ordinal))
        {
            return Glob.Parse(text) is { } glob
                ? Parsed.Value(new NamePattern(text, glob.IsMatch))
                : Parsed.Fault<NamePattern>("must be a pattern whose ranges are in order, such as [a-z], and that is not too long");
        }

        try
        {
            var expression = text[RegexPrefix.Length..].Replace("(?P<", "(?<", StringComparison.Ordinal);
            return Parsed.Value(new NamePattern(text, new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch));
        }
        catch (NotSupportedException)
        {
            return Parsed.Fault<NamePattern>(
                "must be a regular expression after regex: (without lookaround and backreferences, which take a time that grows exponentially with some names)");
        }
        catch (ArgumentException e)
        {
            return Parsed.Fault<NamePattern>($"must be a regular expression after regex: ({e.Message.TrimEnd('.')})");
        }
    }

    public bool IsMatch(string name) => _isMatch(name);

    public override string ToString() => _text;
}
