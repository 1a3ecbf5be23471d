using System.Globalization;
using System.Text;

namespace ClusterTrust.Oidc.Repository;

/// <summary>
/// The content of a commit object as Git hashes it, without a signature: what is signed. It is composed here, because natively
/// LibGit2Sharp's own way to compose it gives nothing back.
/// </summary>
internal static class CommitBuffer
{
    // What Git takes off the ends of a name and an address before it stores them.
    private static readonly char[] Crud = [.. Enumerable.Range(0, 33).Select(code => (char)code), '.', ',', ':', ';', '<', '>', '"', '\\', '\''];

    /// <summary>The content.</summary>
    /// <param name="tree">The tree's id.</param>
    /// <param name="parents">The parents' ids.</param>
    /// <param name="author">The author, by <see cref="Identity"/>.</param>
    /// <param name="committer">The committer, by <see cref="Identity"/>.</param>
    /// <param name="message">The message, to the byte.</param>
    public static string Of(string tree, IEnumerable<string> parents, string author, string committer, string message)
    {
        var text = new StringBuilder("tree ").Append(tree).Append('\n');
        foreach (var parent in parents)
        {
            text.Append("parent ").Append(parent).Append('\n');
        }

        return text.Append("author ").Append(author).Append('\n').Append("committer ").Append(committer).Append("\n\n").Append(message).ToString();
    }

    /// <summary>Somebody as a commit names them, in UTC.</summary>
    public static string Identity(string name, string email, DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Trim(name)} <{Trim(email)}> {time.ToUnixTimeSeconds()} +0000");

    /// <summary>A name or an address as Git stores it.</summary>
    public static string Trim(string text) => text.Trim(Crud);
}
