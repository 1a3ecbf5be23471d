namespace ClusterTrust.Sandbox.Proxy;

/// <summary>Listens on a free port of a loopback address and passes every connection to a function; disposing ends them all and waits for them.</summary>
public sealed class LoopbackListener : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TcpListener _listener;
    private readonly Task _accepting;

    /// <param name="serve">Serves one connection until it ends. The socket is closed afterwards.</param>
    public LoopbackListener(Func<Socket, CancellationToken, Task> serve, IPAddress? address = null)
    {
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start(512);
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Waits until the connections that are open are over.</summary>
    public Task IdleAsync() => Task.WhenAll(_connections.Values);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await IdleAsync();
        _stopping.Dispose();
    }

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
            // The peer has already closed the connection.
        }
    }

    private async Task AcceptAsync(Func<Socket, CancellationToken, Task> serve)
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stopping.Token);
            }
            catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                continue;
            }

            socket.NoDelay = true;
            var served = Task.Run(() => ServeAsync(serve, socket, _stopping.Token), CancellationToken.None);
            _connections[socket] = served;
            _ = served.ContinueWith(_ => _connections.TryRemove(socket, out var _), TaskScheduler.Default);
        }
    }

    private static async Task ServeAsync(Func<Socket, CancellationToken, Task> serve, Socket socket, CancellationToken cancellationToken)
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
