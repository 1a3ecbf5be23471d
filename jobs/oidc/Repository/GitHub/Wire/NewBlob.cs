namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A content to store.</summary>
internal sealed record NewBlob(string Content, string Encoding);
