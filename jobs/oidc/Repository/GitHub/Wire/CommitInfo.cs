namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A commit.</summary>
internal sealed record CommitInfo(string Sha, ObjectId? Tree, VerificationInfo? Verification);
