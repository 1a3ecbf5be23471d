namespace ClusterTrust.Sandbox.Git;

/// <summary>One file of a tree.</summary>
/// <param name="Mode">Six octal digits: 100644, 100755, 120000 for a symbolic link, 160000 for a submodule.</param>
/// <param name="Sha">The object id, 40 hexadecimal digits.</param>
/// <param name="Size">Bytes; 0 for a submodule.</param>
/// <param name="Path">The path from the root, with forward slashes.</param>
public sealed record GitTreeEntry(string Mode, string Sha, long Size, string Path)
{
    public bool IsSymlink => Mode == "120000";
}
