using System.Text;
using System.Text.Json;
using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Reads the tree of one commit, each folder at most once.</summary>
internal sealed class GitHubTree(GitHubApi api, string prefix, string root)
{
    private const string Folder = "040000";
    private const string Symlink = "120000";
    private const string Submodule = "160000";

    private readonly Dictionary<string, TreeInfo> _folders = [];

    public static async Task<GitHubTree> OfCommitAsync(GitHubApi api, string prefix, string commit, CancellationToken cancellationToken) => new(
        api, prefix, (await api.GetAsync<CommitInfo>($"{prefix}/git/commits/{Checked(commit)}", cancellationToken)).Tree?.Sha ?? throw new JsonException("The commit has no tree."));

    /// <returns>The entry, or the obstacle in its path; neither if there is no such file.</returns>
    public async Task<(TreeEntry? File, string? Obstacle)> FindAsync(string path, CancellationToken cancellationToken)
    {
        var segments = path.Split('/');
        var folder = root;
        for (var depth = 0; depth < segments.Length; depth++)
        {
            var isLast = depth == segments.Length - 1;
            var where = isLast ? "" : $" ({string.Join('/', segments[..(depth + 1)])})";
            switch (await EntryAsync(folder, segments[depth], cancellationToken))
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
    public async Task<IReadOnlyList<TreeEntry>> FilesOfAsync(string path, CancellationToken cancellationToken)
    {
        var folder = root;
        foreach (var segment in path.Split('/'))
        {
            if (await EntryAsync(folder, segment, cancellationToken) is not { Mode: Folder } entry)
            {
                return [];
            }

            folder = entry.Sha;
        }

        return [.. (await ReadAsync(folder, cancellationToken)).Tree!.Where(entry => entry.Mode is not (Folder or Symlink or Submodule))];
    }

    public async Task<ReadOnlyMemory<byte>> ContentAsync(TreeEntry file, CancellationToken cancellationToken)
    {
        var blob = await api.GetAsync<BlobInfo>($"{prefix}/git/blobs/{Checked(file.Sha)}", cancellationToken);
        try
        {
            return blob.Encoding == "utf-8" ? Encoding.UTF8.GetBytes(blob.Content) : Convert.FromBase64String(blob.Content);
        }
        catch (FormatException malformed)
        {
            throw new JsonException("The content of a file is not base64.", malformed);
        }
    }

    private async Task<TreeEntry?> EntryAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var tree = await ReadAsync(folder, cancellationToken);
        return tree.Tree!.FirstOrDefault(entry => entry.Path == name)
            ?? (tree.Truncated
                ? throw new JobException("A folder of the repository has more entries than GitHub's API lists: publish with Git instead (ssh:// or https://).", ExitCode.Usage)
                : null);
    }

    private async Task<TreeInfo> ReadAsync(string sha, CancellationToken cancellationToken)
    {
        if (!_folders.TryGetValue(sha, out var tree))
        {
            tree = await api.GetAsync<TreeInfo>($"{prefix}/git/trees/{Checked(sha)}", cancellationToken);
            _folders[sha] = tree = tree with { Tree = [.. (tree.Tree ?? []).Where(static entry => entry is not null)] };
        }

        return tree;
    }

    /// <summary>An object id that is safe in a path of the API.</summary>
    private static string Checked(string sha) =>
        sha.Length > 0 && sha.All(char.IsAsciiLetterOrDigit) ? sha : throw new JsonException("The id of an object is not hexadecimal.");
}
