namespace ClusterTrust.Oidc.Repository;

/// <param name="Files">The files to write, at least one; everything else in the tree stays as it is.</param>
/// <param name="Message">The message as it is committed: subject, empty line, body, one line feed at the end.</param>
/// <param name="Author">Author and committer; null leaves both to GitHub, which derives them from the credentials.</param>
/// <param name="Signer">Signs the commit; null for an unsigned one.</param>
internal sealed record CommitRequest(IReadOnlyList<SiteFile> Files, string Message, CommitIdentity? Author, ICommitSigner? Signer = null);

internal interface ICommitSigner
{
    /// <param name="commitBuffer">The commit object's content as Git hashes it, without the signature.</param>
    /// <returns>The armored signature, its lines separated by line feeds.</returns>
    string Sign(ReadOnlySpan<byte> commitBuffer);
}

/// <summary>The author and committer of a commit, and its time.</summary>
/// <param name="Name">As Git stores it (<see cref="ParseName"/>).</param>
/// <param name="Email">As Git stores it (<see cref="ParseEmail"/>).</param>
internal sealed record CommitIdentity(string Name, string Email, DateTimeOffset Time)
{
    // The characters that Git trims from names and addresses.
    private static readonly char[] TrimmedCharacters = [.. Enumerable.Range(0, 33).Select(code => (char)code), '.', ',', ':', ';', '<', '>', '"', '\\', '\''];

    /// <summary>A name without what Git trims from it.</summary>
    public static Parsed<string> ParseName(string text) =>
        text.Trim().Trim(TrimmedCharacters) is { Length: > 0 } name && !text.Any(static c => c is '<' or '>' || char.IsControl(c))
            ? Parsed.Value(name)
            : Parsed.Fault<string>("must not be empty or contain a character that Git does not allow (angle brackets, control characters)");

    /// <summary>An email address without what Git trims from it.</summary>
    public static Parsed<string> ParseEmail(string text) =>
        text.Contains(' ', StringComparison.Ordinal) ? Parsed.Fault<string>("must not contain blanks") : ParseName(text);
}

/// <summary>
/// The content of a commit object as Git hashes it, without a signature: what is signed. It is composed here, because under
/// NativeAOT the method of LibGit2Sharp for it returns nothing.
/// </summary>
internal static class CommitBuffer
{
    /// <param name="author">Author and committer; the time is written in UTC.</param>
    public static string Of(string tree, IEnumerable<string> parents, CommitIdentity author, string message)
    {
        var identity = string.Create(CultureInfo.InvariantCulture, $"{author.Name} <{author.Email}> {author.Time.ToUnixTimeSeconds()} +0000");
        var text = new StringBuilder("tree ").Append(tree).Append('\n');
        foreach (var parent in parents)
        {
            text.Append("parent ").Append(parent).Append('\n');
        }

        return text.Append("author ").Append(identity).Append("\ncommitter ").Append(identity).Append("\n\n").Append(message).ToString();
    }
}
