using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A commit.</summary>
internal sealed record CommitInfo([property: JsonRequired] string Sha, ObjectId? Tree, VerificationInfo? Verification);
