using System.Globalization;
using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Repository;

/// <param name="Files">The files to write, at least one; everything else in the tree stays as it is.</param>
/// <param name="Body">The rest of the message, without the empty line between; may be empty.</param>
/// <param name="Author">Author and committer; null leaves both to GitHub, which derives them from the credentials.</param>
internal sealed record CommitRequest(IReadOnlyList<SiteFile> Files, string Subject, string Body, CommitIdentity? Author)
{
    /// <summary>Signs the commit; null for an unsigned one.</summary>
    public ICommitSigner? Signer { get; init; }

    /// <summary>The message as it is committed: subject, empty line, body, one line feed at the end.</summary>
    public string Message => Body.Length == 0 ? Subject + "\n" : $"{Subject}\n\n{Body.TrimEnd('\n')}\n";
}

internal interface ICommitSigner
{
    /// <param name="commitBuffer">The commit object's content as Git hashes it, without the signature.</param>
    /// <returns>The armored signature, its lines separated by line feeds.</returns>
    string Sign(ReadOnlySpan<byte> commitBuffer);
}

/// <summary>The author and committer of a commit as Git stores them, and its time.</summary>
internal sealed record CommitIdentity
{
    // The characters that Git trims from names and addresses.
    private static readonly char[] Crud = [.. Enumerable.Range(0, 33).Select(code => (char)code), '.', ',', ':', ';', '<', '>', '"', '\\', '\''];

    /// <exception cref="JobException">Name or address is not allowed in a commit (exit code 2).</exception>
    public CommitIdentity(string name, string email, DateTimeOffset time)
    {
        Name = Validate(name, "name");
        Email = Validate(email, "email address");
        Time = time;
        if (email.Contains(' ', StringComparison.Ordinal))
        {
            throw Invalid("email address");
        }
    }

    public string Name { get; }

    public string Email { get; }

    public DateTimeOffset Time { get; }

    private static string Validate(string value, string what) =>
        value.Trim().Trim(Crud) is { Length: > 0 } stored && !value.Any(c => c is '<' or '>' || char.IsControl(c)) ? stored : throw Invalid(what);

    private static JobException Invalid(string what) =>
        new($"The committer's {what} is empty or contains characters that Git does not allow (angle brackets, control characters): correct it.", ExitCode.Usage);
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
