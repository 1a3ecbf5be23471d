using System.Net;
using System.Net.Sockets;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>A fault that a server shows until this is disposed of.</summary>
internal sealed class FaultInjection : IAsyncDisposable
{
    private static readonly TimeSpan Downtime = TimeSpan.FromSeconds(1);

    private readonly SandboxServer server;
    private readonly Lock gate = new();
    private Task transition = Task.CompletedTask;
    private bool isGoingDown;
    private int seen = -1;

    private FaultInjection(SandboxServer server) => this.server = server;

    /// <summary>Shows a fault from a request on, to that one or to all that follow.</summary>
    /// <param name="bench">Whose servers.</param>
    /// <param name="row">Which server, and which fault.</param>
    /// <param name="at">The request, from 0.</param>
    /// <param name="once">Only to that one; a server that is down comes back after a second.</param>
    public static async Task<FaultInjection> BeginAsync(Bench bench, FaultRow row, int at, bool once)
    {
        var server = bench.Servers[row.Server];
        var injection = new FaultInjection(server);
        if (FaultKinds.Answers.TryGetValue(row.Fault, out var fault))
        {
            if (once)
            {
                server.Faults.Next(fault, when: _ => Interlocked.Increment(ref injection.seen) == at);
            }
            else
            {
                server.Faults.Always(fault, when: _ => Interlocked.Increment(ref injection.seen) >= at);
            }
        }
        else if (row.Fault == FaultKinds.DownAtStart)
        {
            await server.StopAsync();
            if (once)
            {
                injection.transition = injection.ComeBackAsync();
            }
        }
        else if (row.Fault == FaultKinds.DownMidRun)
        {
            server.OnRequest = context => injection.GoDown(context, at, once);
        }
        else
        {
            using var other = new CertificateAuthority("Another CA");
            string[] names = ["localhost", "127.0.0.1", .. server.Names];
            server.CertificateOverride = row.Fault == FaultKinds.UnknownCa
                ? other.Issue(names)
                : bench.Cluster.Authority.Issue(names, DateTimeOffset.UtcNow.AddHours(-20), DateTimeOffset.UtcNow.AddHours(-1));
        }

        return injection;
    }

    public async ValueTask DisposeAsync()
    {
        server.OnRequest = null;
        server.Faults.Clear();
        await transition;
        if (server.CertificateOverride is { } wrong)
        {
            server.CertificateOverride = null;
            wrong.Dispose();
        }

        // Also after a stop by this fault: connections of the faulty time are gone in any case.
        await server.StopAsync();
        await server.StartAsync();
    }

    private async Task GoDown(HttpContext context, int at, bool once)
    {
        var number = Interlocked.Increment(ref seen);
        if (number < at)
        {
            return;
        }

        lock (gate)
        {
            if (!isGoingDown)
            {
                isGoingDown = true;
                // Another thread: a server cannot stop while it waits for this very request.
                transition = Task.Run(async () =>
                {
                    await server.StopAsync();
                    if (once)
                    {
                        server.OnRequest = null;
                        await ComeBackAsync();
                    }
                });
            }
        }

        // Whatever is still on its way gets no answer. The client's next try finds nobody who listens, however slowly the server stops.
        while (!transition.IsCompleted && !context.RequestAborted.IsCancellationRequested && await IsListeningAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }

        context.Abort();
    }

    private async Task<bool> IsListeningAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, server.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task ComeBackAsync()
    {
        await Task.Delay(Downtime);
        await server.StartAsync();
    }
}
