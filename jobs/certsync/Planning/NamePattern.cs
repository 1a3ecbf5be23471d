using System.Text.RegularExpressions;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Selects certificates by name: a <see cref="Glob"/> that matches the whole name, or <c>regex:</c> and a regular expression that
/// matches anywhere in it, which is how cert-manager-key-vault-sync reads its filter.
/// </summary>
public sealed class NamePattern
{
    private const string RegexPrefix = "regex:";

    /// <summary>The timeout for expressions with lookaround or backreferences, which cannot be matched in linear time.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    private readonly Func<string, bool> _isMatch;

    private NamePattern(string text, Func<string, bool> isMatch) => (Text, _isMatch) = (text, isMatch);

    /// <summary>The pattern as configured.</summary>
    public string Text { get; }

    /// <param name="text">The pattern.</param>
    /// <param name="fault">What is wrong with it; empty if nothing.</param>
    /// <returns>Null if there is a fault.</returns>
    public static NamePattern? Parse(string text, out string fault)
    {
        fault = "";
        if (!text.StartsWith(RegexPrefix, StringComparison.Ordinal))
        {
            var glob = new Glob(text);
            return new NamePattern(text, name => glob.IsMatch(name));
        }

        try
        {
            return new NamePattern(text, Compile(text[RegexPrefix.Length..].Replace("(?P<", "(?<", StringComparison.Ordinal)).IsMatch);
        }
        catch (ArgumentException e)
        {
            fault = e.Message.TrimEnd('.');
            return null;
        }
    }

    /// <summary>Whether it selects a name. A name on which the expression times out is not selected.</summary>
    public bool IsMatch(string name)
    {
        try
        {
            return _isMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    public override string ToString() => Text;

    private static Regex Compile(string expression)
    {
        try
        {
            return new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex(expression, RegexOptions.CultureInvariant, MatchTimeout);
        }
    }
}
