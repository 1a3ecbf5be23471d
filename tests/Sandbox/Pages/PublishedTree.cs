using System.Collections.Concurrent;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Sandbox.Pages;

/// <summary>What one commit publishes: its files after the rules of GitHub Pages' build, read from the repository when first asked for.</summary>
internal sealed class PublishedTree
{
    private readonly GitRepository repository;
    private readonly Dictionary<string, GitTreeEntry> files;
    private readonly ConcurrentDictionary<string, byte[]> blobs = new(StringComparer.Ordinal);

    private PublishedTree(GitRepository repository, string commit, DateTimeOffset publishedAt, IEnumerable<GitTreeEntry> entries)
    {
        this.repository = repository;
        Commit = commit;
        PublishedAt = publishedAt;
        files = entries.ToDictionary(static entry => entry.Path, StringComparer.Ordinal);
    }

    public string Commit { get; }

    /// <summary>When it became visible: Last-Modified of every file.</summary>
    public DateTimeOffset PublishedAt { get; }

    public static async Task<PublishedTree> LoadAsync(GitRepository repository, string commit, DateTimeOffset publishedAt, CancellationToken cancellation)
    {
        var tree = await repository.TreeAsync(commit, cancellation);
        var asIs = tree.Any(static entry => entry.Path == ".nojekyll");
        var published = tree.Where(entry => entry.Mode is "100644" or "100755" && (asIs || !entry.Path.Split('/').Any(IsDroppedByJekyll)));
        return new PublishedTree(repository, commit, publishedAt, published);
    }

    /// <summary>The file at a path below the site's root, which begins with a slash.</summary>
    public GitTreeEntry? Find(string path) =>
        files.GetValueOrDefault(path.EndsWith('/') ? $"{path[1..]}index.html" : path.TrimStart('/'));

    public async Task<byte[]> ReadAsync(GitTreeEntry file, CancellationToken cancellation)
    {
        if (!blobs.TryGetValue(file.Sha, out var bytes))
        {
            bytes = blobs[file.Sha] = await repository.ReadBlobAsync(file.Sha, cancellation);
        }

        return bytes;
    }

    // Jekyll's EntryFilter: special names are left out unless a configuration includes them, and the branch build has none.
    private static bool IsDroppedByJekyll(string name) => name[0] is '.' or '_' or '#' || name[^1] == '~';
}
