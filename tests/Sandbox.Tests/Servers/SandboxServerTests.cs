using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClusterTrust.Sandbox.Tests.Servers;

public sealed class SandboxServerTests
{
    [Fact]
    public async Task A_server_takes_no_inotify_instance_of_which_a_user_has_few()
    {
        await using var server = new Idle();
        await server.StartAsync();

        Assert.DoesNotContain(Directory.EnumerateFiles("/proc/self/fd"), static file => new FileInfo(file).LinkTarget is "anon_inode:inotify");
    }

    [Fact]
    public async Task A_signal_to_its_process_ends_no_server_that_starts()
    {
        using var signals = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static context => context.Cancel = true);
        using var shell = Process.Start("/bin/sh", ["-c", "while kill -TERM $PPID; do sleep 0.005; done"]);
        try
        {
            for (var i = 0; i < 40; i++)
            {
                await using var server = new Idle();
                await server.StartAsync();
            }
        }
        finally
        {
            shell.Kill();
            await shell.WaitForExitAsync();
        }
    }

    private sealed class Idle() : SandboxServer(CertificateAuthority.OfProcess)
    {
        protected override Task HandleAsync(Microsoft.AspNetCore.Http.HttpContext context) => Task.CompletedTask;
    }
}
