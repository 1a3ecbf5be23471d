using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.Tests.Git;

/// <summary>The git command line as a user has it, with a home of its own.</summary>
internal sealed class GitClient : IAsyncDisposable
{
    private readonly BinaryRunner _git = new(Tools.Find("git", "git"));

    public GitClient()
    {
        _git.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        _git.Environment["GIT_TERMINAL_PROMPT"] = "0";
        _git.Environment["GIT_AUTHOR_NAME"] = _git.Environment["GIT_COMMITTER_NAME"] = "Tester";
        _git.Environment["GIT_AUTHOR_EMAIL"] = _git.Environment["GIT_COMMITTER_EMAIL"] = "tester@clustertrust.example";
    }

    public string Folder => _git.Home;

    public void UseSsh(SshKeyPair key, string knownHosts)
    {
        var path = Path.Combine(Folder, "known_hosts");
        File.WriteAllText(path, knownHosts);
        _git.Environment["GIT_SSH_COMMAND"] =
            $"ssh -F none -i {key.PrivateKeyPath} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={path} -o GlobalKnownHostsFile=/dev/null";
    }

    public void TrustCertificates(string pem)
    {
        var path = Path.Combine(Folder, "ca.pem");
        File.WriteAllText(path, pem);
        _git.Environment["GIT_SSL_CAINFO"] = path;
    }

    public async Task<string> SucceedAsync(params string[] arguments)
    {
        var output = await _git.RunAsync(arguments);
        Assert.True(output.ExitCode == 0, output.ToString());
        return output.StandardOutput;
    }

    public async Task<Output> FailAsync(params string[] arguments)
    {
        var output = await _git.RunAsync(arguments);
        Assert.True(output.ExitCode != 0, output.ToString());
        return output;
    }

    /// <summary>Commits a file in the clone <c>work</c>.</summary>
    public async Task CommitAsync(string file, string text)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "work", file), text);
        await SucceedAsync("-C", "work", "add", "-A");
        await SucceedAsync("-C", "work", "commit", "-q", "-m", $"Change {file}");
    }

    public ValueTask DisposeAsync() => _git.DisposeAsync();
}
