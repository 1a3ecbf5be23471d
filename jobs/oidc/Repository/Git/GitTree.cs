using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>The tree of a commit that was fetched.</summary>
internal sealed class GitTree(LibGit2Sharp.Repository repository, Commit commit) : CommitTree
{
    protected override string Root => commit.Tree.Sha;

    protected override ValueTask<TreeItem?> FindAsync(string folder, string name, CancellationToken cancellationToken) =>
        new(Get<Tree>(folder)[name] is { } entry ? ItemOf(entry) : null);

    protected override ValueTask<IEnumerable<TreeItem>> ListAsync(string folder, CancellationToken cancellationToken) =>
        new(Get<Tree>(folder).Select(ItemOf));

    protected override ValueTask<ReadOnlyMemory<byte>> ReadAsync(TreeItem file, CancellationToken cancellationToken)
    {
        var blob = Get<Blob>(file.Id);
        using var stream = blob.GetContentStream();
        var content = new byte[blob.Size];
        stream.ReadExactly(content);
        return new(content);
    }

    private T Get<T>(string id) where T : GitObject =>
        repository.Lookup<T>(new ObjectId(id)) ?? throw new NotFoundException($"the object {id} is missing or of another type");

    private TreeItem ItemOf(TreeEntry entry) => entry.Mode switch
    {
        Mode.Directory => new(entry.Name, TreeItemKind.Folder, entry.Target.Sha, null),
        Mode.SymbolicLink => new(entry.Name, TreeItemKind.SymbolicLink, entry.Target.Sha, null),
        Mode.GitLink => new(entry.Name, TreeItemKind.Submodule, entry.Target.Sha, null),
        // The size without decompressing the file, which may be far larger than it was compressed.
        _ => new(entry.Name, TreeItemKind.File, entry.Target.Sha, repository.ObjectDatabase.RetrieveObjectMetadata(entry.Target.Id).Size),
    };
}
