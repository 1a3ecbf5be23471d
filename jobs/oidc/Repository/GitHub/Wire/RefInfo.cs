using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A branch as a reference.</summary>
/// <param name="Ref">The full name, as in <c>refs/heads/main</c>.</param>
internal sealed record RefInfo([property: JsonRequired] string Ref);
