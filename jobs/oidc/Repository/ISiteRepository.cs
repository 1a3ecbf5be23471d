using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Repository;

/// <summary>
/// The repository that serves the issuer: read, planned upon, committed to. Nothing is ever forced: a commit lands on the tip that
/// was read or not at all.
/// </summary>
public interface ISiteRepository : IDisposable
{
    /// <summary>Reads the branch's tip as it is now, afresh with every call.</summary>
    /// <param name="layout">Where the files lie.</param>
    /// <param name="cancellation">Ends the transfer.</param>
    /// <exception cref="JobException">
    /// The repository cannot be read; exit code 1 where a later run may succeed, 2 where a setting is wrong, 3 where a person must look.
    /// </exception>
    Task<RepositorySnapshot> ReadAsync(SiteLayout layout, CancellationToken cancellation);

    /// <summary>Finds the commit since which a file holds a text without a break, by first parents and within a bounded history.</summary>
    /// <param name="snapshot">The result of the latest <see cref="ReadAsync"/>, with a tip.</param>
    /// <param name="path">The file, relative to the repository's root.</param>
    /// <param name="text">The text, ASCII.</param>
    /// <param name="cancellation">Ends the transfer.</param>
    /// <returns>The commit, or the earliest one that was read.</returns>
    /// <exception cref="JobException">The history cannot be read.</exception>
    Task<CommitReference> FindIntroductionAsync(RepositorySnapshot snapshot, string path, string text, CancellationToken cancellation);

    /// <summary>Commits on top of a snapshot and publishes the commit.</summary>
    /// <param name="snapshot">The result of the latest <see cref="ReadAsync"/> of this repository.</param>
    /// <param name="request">What to commit.</param>
    /// <param name="cancellation">Ends the transfer; the branch is then either old or new, never in between.</param>
    /// <exception cref="RacedException">The branch moved, or may have: read, plan and commit again.</exception>
    /// <exception cref="JobException">The commit was refused or could not be made.</exception>
    Task<CommitResult> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellation);
}
