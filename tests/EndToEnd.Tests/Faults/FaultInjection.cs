namespace ClusterTrust.EndToEnd.Tests.Faults;

/// <summary>A fault that a server shows until this is disposed of.</summary>
internal sealed class FaultInjection : IAsyncDisposable
{
    private static readonly TimeSpan Downtime = TimeSpan.FromSeconds(1);

    private readonly SandboxServer _server;
    private readonly Lock _gate = new();
    private Task _transition = Task.CompletedTask;
    private bool _isGoingDown;
    private int _seen = -1;

    private FaultInjection(SandboxServer server) => this._server = server;

    /// <summary>Shows a fault from a request on, to that one or to all that follow.</summary>
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
                server.Faults.Next(fault, when: _ => Interlocked.Increment(ref injection._seen) == at);
            }
            else
            {
                server.Faults.Always(fault, when: _ => Interlocked.Increment(ref injection._seen) >= at);
            }
        }
        else if (row.Fault == FaultKinds.DownAtStart)
        {
            await server.StopAsync();
            if (once)
            {
                injection._transition = injection.ComeBackAsync();
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
        _server.OnRequest = null;
        _server.Faults.Clear();
        await _transition;
        if (_server.CertificateOverride is { } wrong)
        {
            _server.CertificateOverride = null;
            wrong.Dispose();
        }

        // Also after a stop by this fault: connections of the faulty time are gone in any case.
        await _server.StopAsync();
        await _server.StartAsync();
    }

    private async Task GoDown(HttpContext context, int at, bool once)
    {
        var number = Interlocked.Increment(ref _seen);
        if (number < at)
        {
            return;
        }

        lock (_gate)
        {
            if (!_isGoingDown)
            {
                _isGoingDown = true;
                // Another thread: a server cannot stop while it waits for this very request.
                _transition = Task.Run(async () =>
                {
                    await _server.StopAsync();
                    if (once)
                    {
                        _server.OnRequest = null;
                        await ComeBackAsync();
                    }
                });
            }
        }

        // Whatever is still on its way gets no answer. The client's next try finds nobody who listens, however slowly the server stops.
        while (!_transition.IsCompleted && !context.RequestAborted.IsCancellationRequested && await IsListeningAsync())
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
            await client.ConnectAsync(IPAddress.Loopback, _server.Port);
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
        await _server.StartAsync();
    }
}
