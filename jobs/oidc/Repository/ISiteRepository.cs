namespace ClusterTrust.Oidc.Repository;

/// <summary>The repository that serves the issuer. Nothing is ever forced: a commit is added to the tip that was read or not at all.</summary>
internal interface ISiteRepository : IDisposable
{
    /// <exception cref="JobException">
    /// The repository cannot be read; exit code 1 if a later run may succeed, 2 if a setting is wrong, 3 if a person must decide.
    /// </exception>
    Task<RepositorySnapshot> ReadAsync(SiteLayout layout, CancellationToken cancellationToken);

    /// <summary>Finds the commit that added a text to a file, by first parents and within a bounded history.</summary>
    /// <param name="snapshot">The result of the latest <see cref="ReadAsync"/>, with a tip.</param>
    /// <param name="text">The text, ASCII.</param>
    /// <returns>The commit, or the earliest one that was read.</returns>
    /// <exception cref="JobException">The history cannot be read.</exception>
    Task<CommitReference> FindIntroductionAsync(RepositorySnapshot snapshot, string path, string text, CancellationToken cancellationToken);

    /// <summary>Commits on top of a snapshot and publishes the commit.</summary>
    /// <param name="snapshot">The result of the latest <see cref="ReadAsync"/> of this repository.</param>
    /// <param name="cancellationToken">Cancels the transfer; the branch then has either the old or the new tip.</param>
    /// <exception cref="RacedException">The branch moved, or may have: read, plan and commit again.</exception>
    /// <exception cref="JobException">The commit was refused or could not be created.</exception>
    Task<CommitResult> CommitAsync(RepositorySnapshot snapshot, CommitRequest request, CancellationToken cancellationToken);
}

/// <summary>A branch at one moment.</summary>
/// <param name="Tip">The commit id in hexadecimal, or null when the branch has no commit yet (an empty repository, a branch to create).</param>
internal sealed record RepositorySnapshot(string Branch, string? Tip, PublishedSite Site)
{
    /// <summary>The workflows of this branch by path; they show whether a deployment drops dot-folders.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Workflows { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}

/// <param name="IsExact">Whether it is the exact commit; false if it is before the history that was read.</param>
internal sealed record CommitReference(string Sha, bool IsExact)
{
    public override string ToString() => IsExact ? $"commit {Sha}" : $"at or before commit {Sha}";
}

/// <summary>A commit that is on the branch.</summary>
internal sealed record CommitResult(string Sha, string Branch);

/// <summary>The commit was not pushed because the branch moved or the connection broke: read, plan and commit again.</summary>
internal sealed class RacedException(string message, Exception? innerException = null)
    : JobException(message, ExitCode.Failed, innerException);
