using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Servers;

public sealed class SandboxServerTests
{
    [Fact]
    public async Task A_server_takes_no_inotify_instance_of_which_a_user_has_few()
    {
        using var authority = new CertificateAuthority();
        await using var server = new Idle(authority);
        await server.StartAsync();

        Assert.DoesNotContain(Directory.EnumerateFiles("/proc/self/fd"), static file => new FileInfo(file).LinkTarget is "anon_inode:inotify");
    }

    private sealed class Idle(CertificateAuthority authority) : SandboxServer(authority)
    {
        protected override Task HandleAsync(Microsoft.AspNetCore.Http.HttpContext context) => Task.CompletedTask;
    }
}
