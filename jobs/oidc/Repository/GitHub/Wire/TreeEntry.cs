namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>An entry of a folder.</summary>
/// <param name="Path">Its name.</param>
/// <param name="Mode">Git's file mode in octal digits.</param>
/// <param name="Size">The length in bytes of a file.</param>
internal sealed record TreeEntry(string Path, string Mode, string Sha, long? Size = null);
