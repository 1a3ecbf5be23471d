using System.Net.Sockets;
using ClusterTrust.Sandbox.Tests.Processes;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitSshServerTests
{
    [Fact]
    public async Task Dispose_in_the_middle_of_a_connection_leaves_no_process_behind()
    {
        using var repositories = new GitRepositories();
        await using var server = new GitSshServer(repositories);
        await server.StartAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        Assert.True(await socket.ReceiveAsync(new byte[64]) > 0);
        var running = ProcessTree.Descendants("sshd");
        Assert.NotEmpty(running);

        await server.DisposeAsync();

        Assert.Empty(ProcessTree.Descendants("sshd"));
        Assert.All(running, process => Assert.True(ProcessTree.IsDead(process), $"process {process} survived"));
    }
}
