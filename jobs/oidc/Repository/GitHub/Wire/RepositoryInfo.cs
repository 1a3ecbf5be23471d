using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>The part of a repository that is read.</summary>
internal sealed record RepositoryInfo([property: JsonRequired] string? DefaultBranch);
