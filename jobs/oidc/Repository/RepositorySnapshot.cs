using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Repository;

/// <summary>A branch at one moment.</summary>
/// <param name="Branch">The branch's short name, as in <c>main</c>.</param>
/// <param name="Tip">The commit id in hexadecimal, or null when the branch has no commit yet (an empty repository, a branch to create).</param>
/// <param name="Site">The files of the layout.</param>
public sealed record RepositorySnapshot(string Branch, string? Tip, PublishedSite Site)
{
    /// <summary>
    /// The workflows of this branch by path (<c>.github/workflows/*.yml</c> and <c>*.yaml</c>), UTF-8; they tell whether a deployment
    /// drops dot-folders.
    /// </summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Workflows { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}
