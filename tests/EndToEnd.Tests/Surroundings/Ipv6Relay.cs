using System.Net;
using System.Net.Sockets;

namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>Listens on [::1] and passes connections on to a port on 127.0.0.1: a server of the sandbox as a host without IPv4 is seen.</summary>
internal sealed class Ipv6Relay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.IPv6Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    /// <param name="target">The port on 127.0.0.1.</param>
    public Ipv6Relay(int target)
    {
        listener.Start();
        serving = ServeAsync(target);
    }

    /// <summary>The port on [::1].</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many connections came in.</summary>
    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync(int target)
    {
        var relays = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                Connections++;
                relays.Add(RelayAsync(client, target));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(TcpClient client, int target)
    {
        using (client)
        {
            using var server = new TcpClient();
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                await Task.WhenAll(CopyAsync(client, server), CopyAsync(server, client));
            }
            catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException)
            {
                // One of the two is gone, and both are closed.
            }
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), stop.Token);
        to.Client.Shutdown(SocketShutdown.Send);
    }
}
