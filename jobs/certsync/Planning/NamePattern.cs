namespace ClusterTrust.CertSync.Planning;

/// <summary>
/// Selects certificates by name: a <see cref="Glob"/> that matches the whole name, or <c>regex:</c> and a regular expression that
/// matches anywhere in it, which is how cert-manager-key-vault-sync reads its filter. Tenants choose the names, so only expressions that
/// match in linear time are accepted.
/// </summary>
public sealed record NamePattern(string Text, Func<string, bool> IsMatch)
{
    private const string RegexPrefix = "regex:";

    public static Parsed<NamePattern> Parse(string text)
    {
        try
        {
            return text switch
            {
                "" => Parsed.Fault<NamePattern>("must be a name, a pattern with *, ? and [abc], or regex: and a regular expression"),
                _ when text.StartsWith(RegexPrefix, StringComparison.Ordinal) => Parsed.Value(new NamePattern(text, new Regex(
                    text[RegexPrefix.Length..].Replace("(?P<", "(?<", StringComparison.Ordinal), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch)),
                _ when Glob.Parse(text) is { } glob => Parsed.Value(new NamePattern(text, glob.IsMatch)),
                _ => Parsed.Fault<NamePattern>("must be a pattern whose ranges are in order, such as [a-z], and that is not too long"),
            };
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

    public override string ToString() => Text;
}
