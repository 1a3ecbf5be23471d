namespace ClusterTrust.Oidc.Site;

/// <summary>A file to write.</summary>
/// <param name="Path">Relative to the repository's root, with slashes.</param>
/// <param name="Content">The whole content.</param>
public sealed record SiteFile(string Path, ReadOnlyMemory<byte> Content);
