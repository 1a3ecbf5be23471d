using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>The commit that wrote a file by itself.</summary>
internal sealed record NewFileResult([property: JsonRequired] CommitInfo Commit);
