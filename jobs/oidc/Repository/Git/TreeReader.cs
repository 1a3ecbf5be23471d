using ClusterTrust.Oidc.Site;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>Reads files out of a commit. Its tree is untrusted: links and submodules are named, never followed.</summary>
/// <param name="objects">Reads the size of a file without decompressing it, which may be far larger than it was compressed.</param>
internal sealed class TreeReader(Tree root, ObjectDatabase objects)
{
    public PublishedSite ReadSite(SiteLayout layout)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>();
        var obstacles = new Dictionary<string, string>();
        foreach (var path in layout.Paths)
        {
            switch (Find(path))
            {
                case (Blob file, null):
                    files[path] = Content(file);
                    break;
                case (_, { } obstacle):
                    obstacles[path] = obstacle;
                    break;
            }
        }

        return new PublishedSite(files) { Obstacles = obstacles };
    }

    public Dictionary<string, ReadOnlyMemory<byte>> ReadWorkflows()
    {
        var workflows = new Dictionary<string, ReadOnlyMemory<byte>>();
        IEnumerable<TreeEntry> entries = root[Workflows.Folder] is { TargetType: TreeEntryTargetType.Tree } folder ? (Tree)folder.Target : [];
        foreach (var entry in entries.Where(entry => Workflows.IsOne(entry.Name)).Take(Workflows.MaxCount))
        {
            if (Judge(entry, isLast: true) is null && SizeOf(entry) <= Workflows.MaxBytes)
            {
                workflows[$"{Workflows.Folder}/{entry.Name}"] = Content((Blob)entry.Target);
            }
        }

        return workflows;
    }

    private (Blob? File, string? Obstacle) Find(string path)
    {
        var tree = root;
        var segments = path.Split('/');
        for (var depth = 0; depth < segments.Length; depth++)
        {
            if (tree[segments[depth]] is not { } entry)
            {
                return (null, null);
            }

            var isLast = depth == segments.Length - 1;
            if (Judge(entry, isLast) is { } obstacle)
            {
                return (null, isLast ? obstacle : $"{obstacle} ({string.Join('/', segments[..(depth + 1)])})");
            }

            if (isLast)
            {
                return ((Blob)entry.Target, null);
            }

            tree = (Tree)entry.Target;
        }

        return (null, null);
    }

    /// <summary>The obstacle that an entry is to a file, or to a folder in its path; null for none.</summary>
    private string? Judge(TreeEntry entry, bool isLast) => (entry.Mode, isLast) switch
    {
        (Mode.SymbolicLink, _) => "a symbolic link",
        (Mode.GitLink, _) => "a submodule",
        (Mode.Directory, true) => "a folder",
        (Mode.Directory, false) => null,
        (_, false) => "a file",
        _ => PublishedSite.SizeObstacle(SizeOf(entry)),
    };

    private long SizeOf(TreeEntry entry) => objects.RetrieveObjectMetadata(entry.Target.Id).Size;

    private static byte[] Content(Blob blob)
    {
        using var stream = blob.GetContentStream();
        var content = new byte[blob.Size];
        stream.ReadExactly(content);
        return content;
    }
}
