using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Tests.Processes;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitSshServerTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Name = "octo/issuer";
    private readonly GitRepositories repositories = new();
    private readonly GitClient client = new();
    private GitSshServer server = null!;
    private GitRepository repository = null!;
    private SshKeyPair key = null!;

    public async Task InitializeAsync()
    {
        server = new GitSshServer(repositories, SshKeyType.Ed25519, SshKeyType.Ecdsa);
        repository = await repositories.CreateAsync(Name);
        await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["readme"] = "hello" });
        await server.StartAsync();
        key = await SshKeyPair.CreateAsync();
        client.UseSsh(key, server.KnownHosts());
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await server.DisposeAsync();
        key.Dispose();
        repositories.Dispose();
    }

    [Fact]
    public async Task A_deploy_key_clones_and_pushes()
    {
        server.AddDeployKey(key, GitAccess.ReadWrite, Name);
        await client.SucceedAsync("clone", "-q", "--depth=1", server.Url(Name), "work");
        await client.CommitAsync("new.txt", "pushed");
        await client.SucceedAsync("-C", "work", "push", "-q");

        Assert.Equal("pushed", await repository.ReadTextAsync("main", "new.txt"));
        Assert.Equal("", await repository.FsckAsync());
        Assert.Equal(
            [new GitSshSession(GitAccess.ReadWrite, "git-upload-pack", Name), new GitSshSession(GitAccess.ReadWrite, "git-receive-pack", Name)],
            server.Sessions);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_read_only_key_clones_and_is_refused_a_push_in_GitHubs_words()
    {
        server.AddDeployKey(key, GitAccess.ReadOnly);
        await client.SucceedAsync("clone", "-q", server.Url(Name), "work");
        await client.CommitAsync("new.txt", "pushed");
        var push = await client.FailAsync("-C", "work", "push", "-q");

        Assert.Contains("ERROR: The key you are authenticating with has been marked as read only.", push.StandardError, StringComparison.Ordinal);
        Assert.Null(await repository.ReadTextAsync("main", "new.txt"));
    }

    [Theory]
    [InlineData("octo/other")]
    [InlineData("octo/../octo/issuer")]
    public async Task A_key_of_one_repository_sees_no_other(string asked)
    {
        await repositories.CreateAsync("octo/other");
        server.AddDeployKey(key, GitAccess.ReadWrite, Name);

        var clone = await client.FailAsync("clone", "-q", server.Url(asked), "work");
        Assert.Contains("ERROR: Repository not found.", clone.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_git_can_be_run()
    {
        server.AddDeployKey(key);
        await using var ssh = new BinaryRunner(Tools.Find("ssh", "openssh-client"));
        var known = Path.Combine(ssh.Home, "known");
        await File.WriteAllTextAsync(known, server.KnownHosts());
        var output = await ssh.RunAsync(
            "-F", "none", "-i", key.PrivateKeyPath, "-o", "BatchMode=yes", "-o", $"UserKnownHostsFile={known}", "-p",
            server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), $"{server.UserName}@127.0.0.1", "id");

        Assert.Equal((1, ""), (output.ExitCode, output.StandardOutput));
        Assert.Contains("Invalid command: 'id'", output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_can_be_reset_and_cut_and_nothing_is_half_written()
    {
        server.AddDeployKey(key);
        server.Faults.Next(new ConnectionFault.Reset());
        await client.FailAsync("clone", "-q", server.Url(Name), "work");
        server.Faults.Next(new ConnectionFault.CutReceiving(3000));
        await client.FailAsync("clone", "-q", server.Url(Name), "work");
        await client.SucceedAsync("clone", "-q", server.Url(Name), "work");

        var before = repository.Tip("main");
        await client.CommitAsync("large.bin", string.Join('\n', Enumerable.Range(0, 40_000).Select(i => (i * 2654435761L).ToString("x", null))));
        server.Faults.Next(new ConnectionFault.CutSending(60_000));
        await client.FailAsync("-C", "work", "push", "-q");

        Assert.Equal(before, repository.Tip("main"));
        await client.SucceedAsync("-C", "work", "push", "-q");
        Assert.Equal("", await repository.FsckAsync());
    }

    [Fact]
    public async Task A_stopped_server_refuses_and_comes_back_on_its_port_with_its_keys()
    {
        server.AddDeployKey(key);
        var port = server.Port;
        await server.StopAsync();
        var refused = await client.FailAsync("clone", "-q", server.Url(Name), "work");
        Assert.Contains("Connection refused", refused.StandardError, StringComparison.Ordinal);

        await server.StartAsync();

        Assert.Equal(port, server.Port);
        await client.SucceedAsync("clone", "-q", server.Url(Name), "work");
    }

    [Fact]
    public async Task Dispose_in_the_middle_of_a_connection_leaves_no_process_behind()
    {
        server.AddDeployKey(key);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(System.Net.IPAddress.Loopback, server.Port);
        var banner = new byte[64];
        Assert.True(await socket.ReceiveAsync(banner) > 0);
        await client.SucceedAsync("clone", "-q", server.Url(Name), "work");
        var running = ProcessTree.Descendants("sshd");
        Assert.NotEmpty(running);

        await server.DisposeAsync();

        Assert.Empty(ProcessTree.Descendants("sshd"));
        Assert.All(running, process => Assert.True(ProcessTree.IsDead(process), $"process {process} survived"));
    }
}
