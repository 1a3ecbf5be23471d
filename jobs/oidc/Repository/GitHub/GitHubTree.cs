namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>The tree of a commit by GitHub's API; each folder is read at most once.</summary>
internal sealed class GitHubTree(GitHubApi api, string root) : CommitTree
{
    private readonly Dictionary<string, TreeInfo> _folders = [];

    protected override string Root => root;

    public static async Task<GitHubTree> OfCommitAsync(GitHubApi api, string commit, CancellationToken cancellationToken) =>
        new(api, await api.GetTreeOfAsync(commit, cancellationToken));

    protected override async ValueTask<TreeItem?> FindAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var tree = await ReadAsync(folder, cancellationToken);
        return tree.Tree!.FirstOrDefault(entry => entry.Path == name) is { } entry ? ItemOf(entry)
            : tree.Truncated ? throw new JobException("A folder of the repository has more entries than GitHub's API lists: publish with Git instead (ssh:// or https://).", ExitCode.Usage)
            : null;
    }

    protected override async ValueTask<IEnumerable<TreeItem>> ListAsync(string folder, CancellationToken cancellationToken) =>
        (await ReadAsync(folder, cancellationToken)).Tree!.Select(ItemOf);

    protected override async ValueTask<ReadOnlyMemory<byte>> ReadAsync(TreeItem file, CancellationToken cancellationToken)
    {
        var blob = await api.GetAsync<BlobInfo>($"git/blobs/{GitHubApi.CheckId(file.Id)}", cancellationToken);
        try
        {
            return blob.Encoding switch
            {
                "base64" => Convert.FromBase64String(blob.Content),
                "utf-8" => Encoding.UTF8.GetBytes(blob.Content),
                _ => throw new JsonException("The content of a file has an unknown encoding."),
            };
        }
        catch (FormatException malformed)
        {
            throw new JsonException("The content of a file is not base64.", malformed);
        }
    }

    private static TreeItem ItemOf(TreeEntry entry) => new(
        entry.Path,
        entry.Mode switch
        {
            "040000" => TreeItemKind.Folder,
            "120000" => TreeItemKind.SymbolicLink,
            "160000" => TreeItemKind.Submodule,
            "100644" or "100664" or "100755" => TreeItemKind.File,
            _ => throw new JsonException("An entry of a folder has an unknown mode."),
        },
        entry.Sha,
        entry.Size);

    private async Task<TreeInfo> ReadAsync(string sha, CancellationToken cancellationToken)
    {
        if (!_folders.TryGetValue(sha, out var tree))
        {
            tree = await api.GetAsync<TreeInfo>($"git/trees/{GitHubApi.CheckId(sha)}", cancellationToken);
            _folders[sha] = tree.Tree?.All(static entry => entry is not null) == true ? tree : throw new JsonException("The folder has no list of entries.");
        }

        return tree;
    }
}
