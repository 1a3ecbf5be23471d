namespace ClusterTrust.Oidc.Repository;

internal static class ServerText
{
    /// <summary>The longest quotation, in characters; a URL that begins within it is kept whole up to twice the length.</summary>
    public const int MaxLength = 400;

    /// <summary>The text sanitized and without Git's prefix <c>remote:</c>. Text that is too long is cut between words; a URL is quoted whole or not at all.</summary>
    public static string Quote(string text)
    {
        var line = new StringBuilder();
        foreach (var word in Sanitizer.Sanitize(text, Sanitizer.MessageLength).Split(' '))
        {
            if (word is "remote:")
            {
                continue;
            }

            var isUrl = word.Contains("://", StringComparison.Ordinal);
            var length = line.Length + 1 + word.Length;
            if (length > MaxLength && !(isUrl && length <= 2 * MaxLength))
            {
                var start = isUrl || line.Length > MaxLength ? "" : word[..(MaxLength - line.Length)];
                return Append(line, start).Append("...").ToString();
            }

            Append(line, word);
        }

        return line.ToString();
    }

    private static StringBuilder Append(StringBuilder line, string word) => line.Append(line.Length == 0 || word.Length == 0 ? "" : " ").Append(word);
}
