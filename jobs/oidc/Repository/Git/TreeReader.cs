using ClusterTrust.Oidc.Site;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>Reads files out of a commit. Its tree is foreign: links and submodules are named, never followed.</summary>
/// <param name="objects">Tells how long a file is without unpacking it: it may be very much longer than it was on its way.</param>
internal sealed class TreeReader(Tree root, ObjectDatabase objects)
{
    private const long MaxFileBytes = 16 * 1024 * 1024;
    private const long MaxWorkflowBytes = 512 * 1024;
    private const int MaxWorkflows = 100;

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
        const string Folder = ".github/workflows";
        var workflows = new Dictionary<string, ReadOnlyMemory<byte>>();
        IEnumerable<TreeEntry> entries = root[Folder] is { TargetType: TreeEntryTargetType.Tree } folder ? (Tree)folder.Target : [];
        foreach (var entry in entries.Where(entry => Path.GetExtension(entry.Name) is ".yml" or ".yaml").Take(MaxWorkflows))
        {
            if (Judge(entry, isLast: true) is null && SizeOf(entry) <= MaxWorkflowBytes)
            {
                workflows[$"{Folder}/{entry.Name}"] = Content((Blob)entry.Target);
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

    /// <summary>Says what stands in the way of a file, or of a folder on the way to it.</summary>
    private string? Judge(TreeEntry entry, bool isLast) => (entry.Mode, isLast) switch
    {
        (Mode.SymbolicLink, _) => "a symbolic link",
        (Mode.GitLink, _) => "a submodule",
        (Mode.Directory, true) => "a folder",
        (Mode.Directory, false) => null,
        (_, false) => "a file",
        _ => SizeOf(entry) > MaxFileBytes ? $"a file of more than {MaxFileBytes / 1024 / 1024} MiB" : null,
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
