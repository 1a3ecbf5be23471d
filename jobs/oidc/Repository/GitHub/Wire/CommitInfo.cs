namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A commit.</summary>
internal sealed record CommitInfo(string Sha, ObjectId? Tree = null, VerificationInfo? Verification = null);
