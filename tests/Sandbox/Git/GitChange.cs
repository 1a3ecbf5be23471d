using System.Text;

namespace ClusterTrust.Sandbox.Git;

/// <summary>One change that a commit makes.</summary>
public abstract record GitChange
{
    private GitChange(string path) => Path = path.Contains('\n', StringComparison.Ordinal) || path.StartsWith('"')
        ? throw new ArgumentException("A path with a line feed or a leading quote is not supported.", nameof(path))
        : path;

    /// <summary>The path in the tree, with forward slashes.</summary>
    public string Path { get; }

    /// <summary>A file with this content.</summary>
    public static GitChange File(string path, string text) => new Written(path, "100644", Encoding.UTF8.GetBytes(text));

    /// <summary>A file with this content.</summary>
    public static GitChange File(string path, byte[] bytes) => new Written(path, "100644", bytes);

    /// <summary>A symbolic link (mode 120000); its target is stored as given and need not exist.</summary>
    public static GitChange Symlink(string path, string target) => new Written(path, "120000", Encoding.UTF8.GetBytes(target));

    /// <summary>Removes a file, or a folder with all its content.</summary>
    public static GitChange Delete(string path) => new Deleted(path);

    internal sealed record Written(string WrittenPath, string Mode, byte[] Content) : GitChange(WrittenPath);

    internal sealed record Deleted(string DeletedPath) : GitChange(DeletedPath);
}
