using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Tests.Processes;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitSshServerTests : RepositoryTest
{
    private readonly GitSshServer _server;
    private SshKeyPair _key = null!;

    public GitSshServerTests() => _server = new GitSshServer(Repositories, SshKeyType.Ed25519, SshKeyType.Ecdsa);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await _server.StartAsync();
        _key = await SshKeyPair.CreateAsync();
        Client.UseSsh(_key, _server.KnownHosts());
    }

    public override async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_deploy_key_clones_and_pushes()
    {
        _server.AddDeployKey(_key);
        await Client.SucceedAsync("clone", "-q", "--depth=1", _server.Url(Name), "work");
        await Client.CommitAsync("new.txt", "pushed");
        await Client.SucceedAsync("-C", "work", "push", "-q");

        Assert.Equal("pushed", await Repository.ReadTextAsync("main", "new.txt"));
        Assert.Equal("", await Repository.FsckAsync());
        Assert.Equal(
            [new GitSshSession(GitAccess.ReadWrite, "git-upload-pack", Name), new GitSshSession(GitAccess.ReadWrite, "git-receive-pack", Name)],
            _server.Sessions);
        Assert.Equal(2, _server.Connections);
    }

    [Theory]
    [InlineData("octo/missing")]
    [InlineData("octo/../octo/issuer")]
    public async Task What_is_no_repository_is_not_found(string asked)
    {
        _server.AddDeployKey(_key);

        var clone = await Client.FailAsync("clone", "-q", _server.Url(asked), "work");
        Assert.Contains("ERROR: Repository not found.", clone.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_git_can_be_run()
    {
        _server.AddDeployKey(_key);
        await using var ssh = new BinaryRunner(Tools.Find("ssh", "openssh-client"));
        var known = Path.Combine(ssh.Home, "known");
        await File.WriteAllTextAsync(known, _server.KnownHosts());
        var output = await ssh.RunAsync(
            "-F", "none", "-i", _key.PrivateKeyPath, "-o", "BatchMode=yes", "-o", $"UserKnownHostsFile={known}", "-p",
            _server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), $"{_server.UserName}@127.0.0.1", "id");

        Assert.Equal((1, ""), (output.ExitCode, output.StandardOutput));
        Assert.Contains("Invalid command: 'id'", output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_can_be_reset_and_cut_and_nothing_is_half_written()
    {
        _server.AddDeployKey(_key);
        _server.Faults.Next(new ConnectionFault.Reset());
        await Client.FailAsync("clone", "-q", _server.Url(Name), "work");
        _server.Faults.Next(new ConnectionFault.CutReceiving(3000));
        await Client.FailAsync("clone", "-q", _server.Url(Name), "work");
        await Client.SucceedAsync("clone", "-q", _server.Url(Name), "work");

        var before = Repository.Tip("main");
        await Client.CommitAsync("large.bin", string.Join('\n', Enumerable.Range(0, 40_000).Select(i => (i * 2654435761L).ToString("x", null))));
        _server.Faults.Next(new ConnectionFault.CutSending(60_000));
        await Client.FailAsync("-C", "work", "push", "-q");

        Assert.Equal(before, Repository.Tip("main"));
        await Client.SucceedAsync("-C", "work", "push", "-q");
        Assert.Equal("", await Repository.FsckAsync());
    }

    [Fact]
    public async Task Dispose_in_the_middle_of_a_connection_leaves_no_process_behind()
    {
        _server.AddDeployKey(_key);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, _server.Port);
        var banner = new byte[64];
        Assert.True(await socket.ReceiveAsync(banner) > 0);
        await Client.SucceedAsync("clone", "-q", _server.Url(Name), "work");
        var running = ProcessTree.Descendants("sshd");
        Assert.NotEmpty(running);

        await _server.DisposeAsync();

        Assert.Empty(ProcessTree.Descendants("sshd"));
        Assert.All(running, process => Assert.True(ProcessTree.IsDead(process), $"process {process} survived"));
    }
}
