using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>One folder.</summary>
/// <param name="Truncated">Whether entries are left out, as there are too many.</param>
internal sealed record TreeInfo([property: JsonRequired] string Sha, IReadOnlyList<TreeEntry>? Tree, bool Truncated);
