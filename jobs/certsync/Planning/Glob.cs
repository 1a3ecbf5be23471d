namespace ClusterTrust.CertSync.Planning;

/// <summary>A pattern in which <c>*</c> stands for any run of characters and <c>?</c> for exactly one; everything else is literal and case counts.</summary>
/// <param name="Pattern">The pattern, for example <c>team-*</c>.</param>
public sealed record Glob(string Pattern)
{
    /// <summary>Whether the whole of <paramref name="text"/> fits the pattern; linear in time for each <c>*</c>.</summary>
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
            else if (at < Pattern.Length && (Pattern[at] == '?' || Pattern[at] == text[position]))
            {
                at++;
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
}
