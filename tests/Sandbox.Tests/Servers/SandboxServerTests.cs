using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
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

    [Fact]
    public async Task A_signal_to_its_process_ends_no_server_that_starts()
    {
        using var authority = new CertificateAuthority();
        using var heard = new SemaphoreSlim(0);
        using var signals = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            heard.Release();
        });
        using var ended = new CancellationTokenSource();
        var signalling = Task.Run(async () =>
        {
            while (!ended.IsCancellationRequested)
            {
                using var kill = Process.Start("kill", ["-TERM", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
                await kill.WaitForExitAsync();
                await heard.WaitAsync();
            }
        });
        try
        {
            for (var i = 0; i < 40; i++)
            {
                await using var server = new Idle(authority);
                await server.StartAsync();
            }
        }
        finally
        {
            await ended.CancelAsync();
            await signalling;
        }
    }

    private sealed class Idle(CertificateAuthority authority) : SandboxServer(authority)
    {
        protected override Task HandleAsync(Microsoft.AspNetCore.Http.HttpContext context) => Task.CompletedTask;
    }
}
