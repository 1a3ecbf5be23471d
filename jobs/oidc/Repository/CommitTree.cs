namespace ClusterTrust.Oidc.Repository;

internal enum TreeItemKind { File, Folder, SymbolicLink, Submodule }

/// <param name="Id">The object's id in hexadecimal.</param>
/// <param name="Size">In bytes; null if it is not known.</param>
internal sealed record TreeItem(string Name, TreeItemKind Kind, string Id, long? Size);

/// <summary>Reads files of one commit. Its tree is untrusted: links and submodules are reported, never followed.</summary>
internal abstract class CommitTree
{
    // The folder in which GitHub finds workflows. Files that are larger are skipped, and so are those beyond the first MaxWorkflows or MaxAllWorkflowBytes.
    private const string WorkflowFolder = ".github/workflows";
    private const long MaxWorkflowBytes = 512 * 1024;
    private const long MaxAllWorkflowBytes = 1024 * 1024;
    private const int MaxWorkflows = 100;

    private const long MaxSearchedBytes = 1024 * 1024;

    /// <summary>The id of the commit's own folder.</summary>
    protected abstract string Root { get; }

    /// <summary>The branch whose tip is this commit.</summary>
    public async Task<RepositorySnapshot> SnapshotAsync(string branch, string commit, SiteLayout layout, CancellationToken cancellationToken) =>
        new(branch, commit, await ReadSiteAsync(layout, cancellationToken)) { Workflows = await ReadWorkflowsAsync(cancellationToken) };

    /// <summary>Reads the site's files, and what is in the place of a file.</summary>
    private async Task<PublishedSite> ReadSiteAsync(SiteLayout layout, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>();
        var obstacles = new Dictionary<string, string>();
        foreach (var path in layout.Paths)
        {
            var (item, obstacle) = await FindAsync(path, cancellationToken);
            obstacle ??= item is null or { Kind: TreeItemKind.File } ? PublishedSite.SizeObstacle(item?.Size) : NameOf(item.Kind);
            if (obstacle is not null)
            {
                obstacles[path] = obstacle;
            }
            else if (item is not null)
            {
                files[path] = await ReadAsync(item, cancellationToken);
            }
        }

        return new PublishedSite(files) { Obstacles = obstacles };
    }

    private async Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> ReadWorkflowsAsync(CancellationToken cancellationToken)
    {
        var workflows = new Dictionary<string, ReadOnlyMemory<byte>>();
        if (await FindAsync(WorkflowFolder, cancellationToken) is ({ Kind: TreeItemKind.Folder } folder, _))
        {
            var files = (await ListAsync(folder.Id, cancellationToken)).Where(static item =>
                item.Kind == TreeItemKind.File && item.Size is null or <= MaxWorkflowBytes && Path.GetExtension(item.Name) is ".yml" or ".yaml");
            var bytes = 0L;
            foreach (var file in files.Take(MaxWorkflows))
            {
                var content = await ReadAsync(file, cancellationToken);
                if ((bytes += content.Length) > MaxAllWorkflowBytes)
                {
                    break;
                }

                workflows[$"{WorkflowFolder}/{file.Name}"] = content;
            }
        }

        return workflows;
    }

    /// <summary>Finds the commit since which a file contains a text.</summary>
    /// <param name="tip">The commit to return if none is found.</param>
    /// <param name="history">Commits from the newest to older ones.</param>
    /// <param name="isWhole">Whether no other commit precedes them.</param>
    public static async Task<CommitReference> FindIntroductionAsync(
        string tip, IReadOnlyList<string> history, bool isWhole, Func<string, ValueTask<CommitTree>> open, string path, string text, CancellationToken cancellationToken)
    {
        var count = 0;
        while (count < history.Count && await (await open(history[count])).ContainsAsync(path, text, cancellationToken))
        {
            count++;
        }

        return count == 0 ? new CommitReference(tip, IsExact: false) : new CommitReference(history[count - 1], isWhole || count < history.Count);
    }

    /// <summary>Whether there is a file of at most 1 MiB with a text in it.</summary>
    private async Task<bool> ContainsAsync(string path, string text, CancellationToken cancellationToken) =>
        await FindAsync(path, cancellationToken) is ({ Kind: TreeItemKind.File, Size: null or <= MaxSearchedBytes } file, _)
        && Encoding.UTF8.GetString((await ReadAsync(file, cancellationToken)).Span).Contains(text, StringComparison.Ordinal);

    /// <summary>The entry of a folder; null if there is none.</summary>
    protected abstract ValueTask<TreeItem?> FindAsync(string folder, string name, CancellationToken cancellationToken);

    protected abstract ValueTask<IEnumerable<TreeItem>> ListAsync(string folder, CancellationToken cancellationToken);

    protected abstract ValueTask<ReadOnlyMemory<byte>> ReadAsync(TreeItem file, CancellationToken cancellationToken);

    /// <returns>The item at a path, or the obstacle in one of its folders; neither if there is no such path.</returns>
    private async Task<(TreeItem? Item, string? Obstacle)> FindAsync(string path, CancellationToken cancellationToken)
    {
        var folder = Root;
        var names = path.Split('/');
        for (var depth = 1; depth < names.Length; depth++)
        {
            switch (await FindAsync(folder, names[depth - 1], cancellationToken))
            {
                case null:
                    return (null, null);
                case { Kind: not TreeItemKind.Folder } item:
                    return (null, $"{NameOf(item.Kind)} ({string.Join('/', names[..depth])})");
                case var item:
                    folder = item.Id;
                    break;
            }
        }

        return (await FindAsync(folder, names[^1], cancellationToken), null);
    }

    private static string NameOf(TreeItemKind kind) => kind switch
    {
        TreeItemKind.File => "a file",
        TreeItemKind.Folder => "a folder",
        TreeItemKind.SymbolicLink => "a symbolic link",
        _ => "a submodule",
    };
}
