using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A branch and its tip.</summary>
internal sealed record BranchInfo([property: JsonRequired] string Name, [property: JsonRequired] ObjectId Commit);
