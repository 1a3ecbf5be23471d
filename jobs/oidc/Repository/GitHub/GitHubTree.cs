using System.Text;
using System.Text.Json;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Walks the tree of one commit folder by folder, each read once.</summary>
/// <param name="api">GitHub.</param>
/// <param name="prefix">The repository's path in the API.</param>
/// <param name="root">The id of the root's tree.</param>
internal sealed class GitHubTree(GitHubApi api, string prefix, string root)
{
    private const string Folder = "040000";
    private const string Symlink = "120000";
    private const string Submodule = "160000";

    private readonly Dictionary<string, TreeInfo> folders = [];

    /// <summary>Finds a file.</summary>
    /// <returns>Its entry, or what stands in its way, or neither when there is none.</returns>
    public async Task<(TreeEntry? File, string? Obstacle)> FindAsync(string path, CancellationToken cancellation)
    {
        var segments = path.Split('/');
        var folder = root;
        for (var depth = 0; depth < segments.Length; depth++)
        {
            var isLast = depth == segments.Length - 1;
            var where = isLast ? "" : $" ({string.Join('/', segments[..(depth + 1)])})";
            switch (await EntryAsync(folder, segments[depth], cancellation))
            {
                case null:
                    return (null, null);
                case { Mode: Symlink }:
                    return (null, $"a symbolic link{where}");
                case { Mode: Submodule }:
                    return (null, $"a submodule{where}");
                case { Mode: Folder } entry:
                    if (isLast)
                    {
                        return (null, "a folder");
                    }

                    folder = entry.Sha;
                    break;
                case { } file:
                    return isLast ? (file, null) : (null, $"a file{where}");
            }
        }

        return (null, null);
    }

    /// <summary>The regular files of a folder, or none when it does not exist.</summary>
    public async Task<IReadOnlyList<TreeEntry>> FilesOfAsync(string path, CancellationToken cancellation)
    {
        var folder = root;
        foreach (var segment in path.Split('/'))
        {
            if (await EntryAsync(folder, segment, cancellation) is not { Mode: Folder } entry)
            {
                return [];
            }

            folder = entry.Sha;
        }

        return [.. (await ReadAsync(folder, cancellation)).Tree!.Where(entry => entry.Mode is not (Folder or Symlink or Submodule))];
    }

    /// <summary>The exact bytes of a file.</summary>
    public async Task<ReadOnlyMemory<byte>> ContentAsync(TreeEntry file, CancellationToken cancellation)
    {
        var blob = await api.GetAsync<BlobInfo>($"{prefix}/git/blobs/{Checked(file.Sha)}", cancellation);
        try
        {
            return blob.Encoding == "utf-8" ? Encoding.UTF8.GetBytes(blob.Content) : Convert.FromBase64String(blob.Content);
        }
        catch (FormatException malformed)
        {
            throw new JsonException("The content of a file is not base64.", malformed);
        }
    }

    private async Task<TreeEntry?> EntryAsync(string folder, string name, CancellationToken cancellation)
    {
        var tree = await ReadAsync(folder, cancellation);
        return tree.Tree!.FirstOrDefault(entry => entry.Path == name)
            ?? (tree.Truncated
                ? throw new JobException("A folder of the repository has more entries than GitHub's API lists: publish by Git instead (ssh:// or https://).", ExitCode.Usage)
                : null);
    }

    private async Task<TreeInfo> ReadAsync(string sha, CancellationToken cancellation)
    {
        if (!folders.TryGetValue(sha, out var tree))
        {
            tree = await api.GetAsync<TreeInfo>($"{prefix}/git/trees/{Checked(sha)}", cancellation);
            folders[sha] = tree = tree with { Tree = [.. (tree.Tree ?? []).Where(static entry => entry is not null)] };
        }

        return tree;
    }

    /// <summary>An object id that may stand in a path of the API.</summary>
    public static string Checked(string sha) =>
        sha.Length > 0 && sha.All(char.IsAsciiLetterOrDigit) ? sha : throw new JsonException("The id of an object is not hexadecimal.");
}
