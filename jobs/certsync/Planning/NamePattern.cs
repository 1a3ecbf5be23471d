using System.Text.RegularExpressions;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Selects certificates by name: a <see cref="Glob"/> that matches the whole name, or <c>regex:</c> and a regular expression that
/// matches anywhere in it, which is how cert-manager-key-vault-sync reads its filter. Tenants choose the names, so only expressions that
/// match in linear time are accepted.
/// </summary>
public sealed class NamePattern
{
    private const string RegexPrefix = "regex:";

    private readonly Func<string, bool> _isMatch;

    private NamePattern(string text, Func<string, bool> isMatch) => (Text, _isMatch) = (text, isMatch);

    public string Text { get; }

    /// <param name="fault">What is wrong with it; empty if nothing.</param>
    /// <returns>Null if there is a fault.</returns>
    public static NamePattern? Parse(string text, out string fault)
    {
        fault = "";
        if (!text.StartsWith(RegexPrefix, StringComparison.Ordinal))
        {
            var glob = Glob.Parse(text);
            fault = glob is null ? "must be a pattern whose ranges are in order, such as [a-z]" : "";
            return glob is null ? null : new NamePattern(text, glob.IsMatch);
        }

        try
        {
            var expression = text[RegexPrefix.Length..].Replace("(?P<", "(?<", StringComparison.Ordinal);
            return new NamePattern(text, new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch);
        }
        catch (NotSupportedException)
        {
            fault = "must be a regular expression after regex: (without lookaround and backreferences, which take a time that grows exponentially with some names)";
            return null;
        }
        catch (ArgumentException e)
        {
            fault = $"must be a regular expression after regex: ({e.Message.TrimEnd('.')})";
            return null;
        }
    }

    public bool IsMatch(string name) => _isMatch(name);

    public override string ToString() => Text;
}
