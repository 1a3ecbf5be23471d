namespace ClusterTrust.Sandbox.Proxy;

/// <summary>Listens on a loopback address and hands every connection to a function; stopping ends them all and waits for them.</summary>
/// <param name="serve">Serves one connection until it ends. The socket is closed afterwards.</param>
public sealed class LoopbackListener(Func<Socket, CancellationToken, Task> serve, IPAddress? address = null) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly IPAddress _address = address ?? IPAddress.Loopback;
    private TcpListener? _listener;
    private CancellationTokenSource? _stopping;
    private Task _accepting = Task.CompletedTask;

    /// <summary>The port; chosen at the first start and kept afterwards.</summary>
    public int Port { get; private set; }

    public async Task StartAsync()
    {
        Port = Port == 0 ? LoopbackPorts.Take() : Port;
        await LoopbackPorts.BindAsync(() =>
        {
            var starting = new TcpListener(_address, Port);
            starting.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            starting.Start(512);
            _listener = starting;
            return Task.CompletedTask;
        });
        _stopping = new CancellationTokenSource();
        _accepting = AcceptAsync(_listener!, _stopping.Token);
    }

    /// <summary>Refuses new connections, ends the open ones and waits until they are gone.</summary>
    public async Task StopAsync()
    {
        if (_stopping is not { } source)
        {
            return;
        }

        _stopping = null;
        await source.CancelAsync();
        _listener!.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        source.Dispose();
    }

    /// <summary>Waits until the connections that are open are over.</summary>
    public Task IdleAsync() => Task.WhenAll(_connections.Values);

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

    private async Task AcceptAsync(TcpListener from, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await from.AcceptSocketAsync(cancellationToken);
            }
            catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                continue;
            }

            socket.NoDelay = true;
            var served = Task.Run(() => ServeAsync(socket, cancellationToken), CancellationToken.None);
            _connections[socket] = served;
            _ = served.ContinueWith(_ => _connections.TryRemove(socket, out var _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await serve(socket, cancellationToken);
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
