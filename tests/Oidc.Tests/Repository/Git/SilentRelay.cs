using System.Net;
using System.Net.Sockets;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>Relays connections to a port on loopback, and falls silent for good after so many bytes from there.</summary>
internal sealed class SilentRelay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    public SilentRelay(int target, int bytes)
    {
        listener.Start();
        serving = ServeAsync(target, bytes);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync(int target, int bytes)
    {
        var relays = new List<Task>();
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await listener.AcceptTcpClientAsync(stop.Token), target, bytes));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(TcpClient client, int target, int bytes)
    {
        using (client)
        {
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, target, stop.Token);
            await Task.WhenAll(
                CopyAsync(client.GetStream(), server.GetStream(), int.MaxValue),
                CopyAsync(server.GetStream(), client.GetStream(), bytes));
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, int limit)
    {
        try
        {
            var buffer = new byte[8192];
            for (var copied = 0; await from.ReadAsync(buffer, stop.Token) is var read and > 0; copied += read)
            {
                if (copied + read <= limit)
                {
                    await to.WriteAsync(buffer.AsMemory(0, read), stop.Token);
                }
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException)
        {
            to.Close();
        }
    }
}
