using System.Text;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>Writes Git objects that Git itself would not make.</summary>
/// <param name="repository">The repository.</param>
internal sealed class RawObjects(GitRepository repository)
{
    /// <summary>A file of its own content.</summary>
    public Task<string> BlobAsync(string content) => WriteAsync("blob", Encoding.UTF8.GetBytes(content));

    /// <summary>A file of zeros, as small in a pack as it is large outside.</summary>
    public Task<string> ZerosAsync(int bytes) => WriteAsync("blob", new byte[bytes]);

    /// <summary>A folder, with any names in any order.</summary>
    public Task<string> TreeAsync(params (string Mode, string Name, string Id)[] entries)
    {
        using var tree = new MemoryStream();
        foreach (var (mode, name, id) in entries)
        {
            tree.Write(Encoding.Latin1.GetBytes($"{mode} {name}\0"));
            tree.Write(Convert.FromHexString(id));
        }

        return WriteAsync("tree", tree.ToArray());
    }

    /// <summary>Makes a branch of one commit with this folder.</summary>
    public async Task CommitAsync(string branch, string tree)
    {
        var commit = await WriteAsync("commit", Encoding.ASCII.GetBytes($"tree {tree}\nauthor A <a@example.com> 1700000000 +0000\ncommitter A <a@example.com> 1700000000 +0000\n\nHostile\n"));
        (await repository.RunAsync(["update-ref", $"refs/heads/{branch}", commit])).OrThrow();
    }

    private async Task<string> WriteAsync(string type, byte[] content)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, content);
            var result = (await repository.RunAsync(["hash-object", "-t", type, "-w", "--literally", file])).OrThrow();
            return result.StandardOutput.Trim();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
