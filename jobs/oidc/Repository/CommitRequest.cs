using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Repository;

/// <summary>A commit to make.</summary>
/// <param name="Files">The files to write, at least one; everything else in the tree stays as it is.</param>
/// <param name="Subject">The message's first line.</param>
/// <param name="Body">The rest of the message, without the empty line between; may be empty.</param>
/// <param name="Author">Who made the change; null leaves it to the host where it can tell from the credentials (a GitHub App).</param>
public sealed record CommitRequest(IReadOnlyList<SiteFile> Files, string Subject, string Body, CommitIdentity? Author)
{
    /// <summary>Who commits; null for the author.</summary>
    public CommitIdentity? Committer { get; init; }

    /// <summary>Signs the commit; null for an unsigned one.</summary>
    public ICommitSigner? Signer { get; init; }

    /// <summary>The message as it is committed: subject, empty line, body, one line feed at the end.</summary>
    public string Message => Body.Length == 0 ? Subject + "\n" : $"{Subject}\n\n{Body.TrimEnd('\n')}\n";
}

/// <summary>Signs commits.</summary>
public interface ICommitSigner
{
    /// <summary>Signs a commit.</summary>
    /// <param name="commitBuffer">The commit object's content as Git hashes it, without the signature.</param>
    /// <returns>The armored signature, its lines separated by line feeds.</returns>
    string Sign(ReadOnlySpan<byte> commitBuffer);
}

/// <summary>Whether, and by whom, commits are signed.</summary>
/// <param name="Signer">Signs; null for unsigned commits.</param>
public sealed record CommitSigning(ICommitSigner? Signer);
