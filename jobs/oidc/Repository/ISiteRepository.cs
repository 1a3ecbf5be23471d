using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Repository;

/// <summary>
/// The repository that serves the issuer: read, planned upon, committed to. Nothing is ever forced: a commit lands on the tip that
/// was read or not at all.
/// </summary>
internal interface ISiteRepository : IDisposable
{
    /// <summary>Reads the branch's tip as it is now, afresh with every call.</summary>
    /// <exception cref="JobException">
    /// The repository cannot be read; exit code 1 where a later run may succeed, 2 where a setting is wrong, 3 where a person must look.
    /// </exception>
    Task<RepositorySnapshot> ReadAsync(SiteLayout layout, CancellationToken cancellationToken);

    /// <summary>Finds the commit since which a file holds a text without a break, by first parents and within a bounded history.</summary>
    /// <param name="snapshot">The result of the latest <see cref="ReadAsync"/>, with a tip.</param>
    /// <param name="path">The file, relative to the repository's root.</param>
    /// <param name="text">The text, ASCII.</param>
    /// <returns>The commit, or the earliest one that was read.</returns>
    /// <exception cref="JobException">The history cannot be read.</exception>
    Task<CommitReference> FindIntroductionAsync(RepositorySnapshot snapshot, string path, string text, CancellationToken cancellationToken);

    /// <summary>Commits on top of a snapshot and publishes the commit.</summary>
    /// <param name="snapshot">The result of the latest <see cref="ReadAsync"/> of this repository.</param>
    /// <param name="cancellationToken">Ends the transfer; the branch is then either old or new, never in between.</param>
    /// <exception cref="RacedException">The branch moved, or may have: read, plan and commit again.</exception>
    /// <exception cref="JobException">The commit was refused or could not be made.</exception>
    Task<CommitResult> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellationToken);
}

/// <summary>A branch at one moment.</summary>
/// <param name="Tip">The commit id in hexadecimal, or null when the branch has no commit yet (an empty repository, a branch to create).</param>
internal sealed record RepositorySnapshot(string Branch, string? Tip, PublishedSite Site)
{
    /// <summary>
    /// The workflows of this branch by path (<c>.github/workflows/*.yml</c> and <c>*.yaml</c>), UTF-8; they tell whether a deployment
    /// drops dot-folders.
    /// </summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Workflows { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}

/// <summary>A commit that explains something in a branch.</summary>
/// <param name="IsExact">Whether it is that very commit; false where the history that was read ends before it.</param>
internal sealed record CommitReference(string Sha, bool IsExact)
{
    /// <summary><c>commit SHA</c>, or <c>at or before commit SHA</c>.</summary>
    public override string ToString() => IsExact ? $"commit {Sha}" : $"at or before commit {Sha}";
}

/// <summary>A commit that is on the branch.</summary>
internal sealed record CommitResult(string Sha, string Branch);

/// <summary>
/// The commit did not land because the branch moved, or because the connection broke before it could: read, plan and commit again.
/// </summary>
internal sealed class RacedException(string message, Exception? innerException = null)
    : JobException(message, ExitCode.Failed, innerException);
