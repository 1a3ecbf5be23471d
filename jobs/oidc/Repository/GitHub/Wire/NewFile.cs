namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A file to commit by itself.</summary>
/// <param name="Content">In base64.</param>
internal sealed record NewFile(string Message, string Content, string? Branch, NewIdentity? Author, NewIdentity? Committer);
