using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Proxy;

/// <summary>Listens on a loopback address and hands every connection to a function; stopping ends them all and waits for them.</summary>
/// <param name="serve">Serves one connection until it ends. The socket is closed afterwards.</param>
/// <param name="address">127.0.0.1 when null.</param>
public sealed class LoopbackListener(Func<Socket, CancellationToken, Task> serve, IPAddress? address = null) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Socket, Task> connections = new();
    private readonly IPAddress address = address ?? IPAddress.Loopback;
    private TcpListener? listener;
    private CancellationTokenSource? stopping;
    private Task accepting = Task.CompletedTask;

    /// <summary>The port; chosen at the first start and kept afterwards.</summary>
    public int Port { get; private set; }

    public async Task StartAsync()
    {
        Port = Port == 0 ? LoopbackPorts.Take() : Port;
        await LoopbackPorts.BindAsync(() =>
        {
            var starting = new TcpListener(address, Port);
            starting.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            starting.Start(512);
            listener = starting;
            return Task.CompletedTask;
        });
        stopping = new CancellationTokenSource();
        accepting = AcceptAsync(listener!, stopping.Token);
    }

    /// <summary>Refuses new connections, ends the open ones and waits until they are gone.</summary>
    public async Task StopAsync()
    {
        if (stopping is not { } source)
        {
            return;
        }

        stopping = null;
        await source.CancelAsync();
        listener!.Dispose();
        await accepting;
        await Task.WhenAll(connections.Values);
        source.Dispose();
    }

    /// <summary>Waits until the connections that are open are over.</summary>
    public Task IdleAsync() => Task.WhenAll(connections.Values);

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Closes a connection with a TCP reset.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }
    }

    private async Task AcceptAsync(TcpListener from, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await from.AcceptSocketAsync(cancellation);
            }
            catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                continue;
            }

            socket.NoDelay = true;
            var served = Task.Run(() => ServeAsync(socket, cancellation), CancellationToken.None);
            connections[socket] = served;
            _ = served.ContinueWith(_ => connections.TryRemove(socket, out var _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellation)
    {
        try
        {
            await serve(socket, cancellation);
        }
        catch (Exception fault) when (fault is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Reset(socket);
        }
        finally
        {
            socket.Dispose();
        }
    }
}
