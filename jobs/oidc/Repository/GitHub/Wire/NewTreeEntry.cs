namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>A file to write, by its text or by the id of its content.</summary>
internal sealed record NewTreeEntry(string Path, string Mode, string Type, string? Content, string? Sha);
