namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A tree to make: another one with some files replaced.</summary>
internal sealed record NewTree(string? BaseTree, IReadOnlyList<NewTreeEntry> Tree);
