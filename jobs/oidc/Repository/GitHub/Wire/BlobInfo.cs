namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A file's content.</summary>
/// <param name="Encoding"><c>base64</c> or <c>utf-8</c>.</param>
internal sealed record BlobInfo(string Content, string? Encoding = null);
