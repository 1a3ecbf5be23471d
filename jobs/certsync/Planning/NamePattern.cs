using System.Text.RegularExpressions;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Chooses certificates by name: a <see cref="Glob"/> that fits the whole name, or <c>regex:</c> and a regular expression that is
/// found anywhere in it, which is how cert-manager-key-vault-sync reads its filter.
/// </summary>
public sealed class NamePattern
{
    private const string RegexPrefix = "regex:";

    /// <summary>For expressions that look around or back, which cannot be matched in linear time.</summary>
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(100);

    private readonly Glob? glob;
    private readonly Regex? regex;

    private NamePattern(string text, Glob? glob, Regex? regex) => (Text, this.glob, this.regex) = (text, glob, regex);

    /// <summary>The pattern as configured.</summary>
    public string Text { get; }

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="fault">What is wrong with it; empty if nothing.</param>
    /// <returns>Null if there is a fault.</returns>
    public static NamePattern? Parse(string text, out string fault)
    {
        fault = "";
        if (!text.StartsWith(RegexPrefix, StringComparison.Ordinal))
        {
            return new NamePattern(text, new Glob(text), null);
        }

        try
        {
            return new NamePattern(text, null, Compile(text[RegexPrefix.Length..].Replace("(?P<", "(?<", StringComparison.Ordinal)));
        }
        catch (ArgumentException e)
        {
            fault = e.Message.TrimEnd('.');
            return null;
        }
    }

    /// <summary>Whether it chooses a name. One that takes an expression unreasonably long to tell is not chosen.</summary>
    public bool IsMatch(string name)
    {
        try
        {
            return glob?.IsMatch(name) ?? regex!.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static Regex Compile(string expression)
    {
        try
        {
            return new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex(expression, RegexOptions.CultureInvariant, LongestMatch);
        }
    }
}
