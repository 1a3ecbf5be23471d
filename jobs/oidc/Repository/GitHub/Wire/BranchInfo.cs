namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A branch and its tip.</summary>
internal sealed record BranchInfo(string Name, ObjectId Commit);
