using System.Diagnostics;
using System.Text;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>Commits trees whose bytes git's porcelain would not write.</summary>
internal static class HostileTree
{
    /// <summary>One entry; each character of the name is one byte (Latin-1).</summary>
    public static (string Mode, string Name, string Id) Entry(string mode, string name, string id) => (mode, name, id);

    /// <summary>Replaces main's tree.</summary>
    /// <returns>The commit's id.</returns>
    public static async Task<string> CommitAsync(GitRepository repository, params (string Mode, string Name, string Id)[] entries)
    {
        using var tree = new MemoryStream();
        foreach (var (mode, name, id) in entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            tree.Write(Encoding.Latin1.GetBytes($"{mode} {name}\0"));
            tree.Write(Convert.FromHexString(id));
        }

        var treeId = await WriteAsync(repository, "tree", tree.ToArray());
        var commit = Encoding.ASCII.GetBytes($"tree {treeId}\nparent {repository.Tip("main")}\nauthor A <a@example.com> 1700000000 +0000\ncommitter A <a@example.com> 1700000000 +0000\n\nHostile\n");
        var commitId = await WriteAsync(repository, "commit", commit);
        (await repository.RunAsync(["update-ref", "refs/heads/main", commitId])).OrThrow();
        return commitId;
    }

    private static async Task<string> WriteAsync(GitRepository repository, string type, byte[] content)
    {
        var start = new ProcessStartInfo("git", [$"--git-dir={repository.Path}", "hash-object", "-t", type, "-w", "--literally", "--stdin"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        await git.StandardInput.BaseStream.WriteAsync(content);
        git.StandardInput.Close();
        var id = (await git.StandardOutput.ReadToEndAsync()).Trim();
        await git.WaitForExitAsync();
        return git.ExitCode == 0 ? id : throw new InvalidOperationException("git hash-object failed.");
    }
}
