using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository.GitHub.Wire;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Composes the commit that GitHub shall make, and signs it as GitHub will store it.</summary>
internal static class CommitComposer
{
    /// <param name="request">What to commit.</param>
    /// <param name="tree">The commit's tree.</param>
    /// <param name="parent">The commit's parent, or null for the first commit.</param>
    /// <exception cref="JobException">A commit to sign has no author (exit code 2).</exception>
    public static NewCommit Compose(CommitRequest request, string tree, string? parent)
    {
        var author = request.Author is null ? null : GitIdentityText.ToWire(request.Author);
        var committer = request.Committer is null ? author : GitIdentityText.ToWire(request.Committer);
        var commit = new NewCommit(MessageOf(request), tree, parent is null ? [] : [parent], author ?? committer, committer, null);
        if (request.Signer is not { } signer)
        {
            return commit;
        }

        return commit.Author is null
            ? throw new JobException("A commit that is signed here needs an author: set the name and the email address of the committer.", ExitCode.Usage)
            : commit with { Signature = signer.Sign(Encoding.UTF8.GetBytes(BufferOf(commit))) };
    }

    /// <summary>The commit object's content without the signature.</summary>
    public static string BufferOf(NewCommit commit) => CommitBuffer.Of(
        commit.Tree, commit.Parents, GitIdentityText.ToCommit(commit.Author!), GitIdentityText.ToCommit(commit.Committer!), commit.Message);

    /// <summary>The message without a line feed at its end, as all commits that GitHub makes have it.</summary>
    public static string MessageOf(CommitRequest request) => request.Message.TrimEnd('\n');
}
