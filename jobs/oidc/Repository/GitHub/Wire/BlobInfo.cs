using System.Text.Json.Serialization;

namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A file's content.</summary>
/// <param name="Encoding"><c>base64</c> or <c>utf-8</c>.</param>
internal sealed record BlobInfo([property: JsonRequired] string Content, string? Encoding);
