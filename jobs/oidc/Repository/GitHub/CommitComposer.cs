using System.Globalization;
using System.Text;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Composes the commit to request from GitHub, and signs it as GitHub will store it.</summary>
internal static class CommitComposer
{
    /// <exception cref="JobException">A commit to sign has no author (exit code 2).</exception>
    public static NewCommit Compose(CommitRequest request, string tree, string? parent)
    {
        var author = request.Author is null ? null : ToWire(request.Author);
        var commit = new NewCommit(MessageOf(request), tree, parent is null ? [] : [parent], author, author, null);
        if (request.Signer is not { } signer)
        {
            return commit;
        }

        return request.Author is not { } signed
            ? throw new JobException("A signed commit requires an author: set --commit-name and --commit-email.", ExitCode.Usage)
            : commit with { Signature = signer.Sign(Encoding.UTF8.GetBytes(BufferOf(commit, signed))) };
    }

    /// <summary>The commit object's content without the signature.</summary>
    public static string BufferOf(NewCommit commit, CommitIdentity author) => CommitBuffer.Of(commit.Tree, commit.Parents, author, commit.Message);

    /// <summary>The message without a line feed at its end, as all commits that GitHub makes have it.</summary>
    public static string MessageOf(CommitRequest request) => request.Message.TrimEnd('\n');

    /// <summary>The identity for the API. In UTC, so that the offset in the commit is known whatever GitHub makes of others.</summary>
    private static NewIdentity ToWire(CommitIdentity identity) => new(
        CommitBuffer.Trim(identity.Name),
        CommitBuffer.Trim(identity.Email),
        identity.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
