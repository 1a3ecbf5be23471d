namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>The part of a repository that is read.</summary>
internal sealed record RepositoryInfo(string? DefaultBranch = null);
