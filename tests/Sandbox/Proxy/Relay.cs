namespace ClusterTrust.Sandbox.Proxy;

/// <summary>Passes bytes between a client's connection and what serves it, until the server's side ends or a fault cuts it.</summary>
public static class Relay
{
    /// <summary>Relays until the end. The client's socket is shut down or reset then; the streams of the server's side stay the caller's.</summary>
    /// <param name="endOfInput">Signals to the server that the client has sent everything.</param>
    /// <param name="passed">Called with the number of bytes of every part that was relayed, in either direction; or null.</param>
    public static async Task RunAsync(
        Socket client, Stream toServer, Stream fromServer, Action endOfInput, ConnectionFault? fault, CancellationToken cancellationToken, Func<int, Task>? passed = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var stream = new NetworkStream(client, ownsSocket: false);
        var sending = CopyAsync(stream, toServer, (fault as ConnectionFault.CutSending)?.Bytes, passed, stop.Token);
        var receiving = CopyAsync(fromServer, stream, (fault as ConnectionFault.CutReceiving)?.Bytes ?? (fault as ConnectionFault.Silence)?.Bytes, passed, stop.Token);
        if (fault is ConnectionFault.Silence)
        {
            await sending; // until the client gives up
        }
        else if (await Task.WhenAny(sending, receiving) == sending && await sending)
        {
            endOfInput();
            await receiving;
        }

        if (receiving.IsCompleted && await receiving)
        {
            client.Shutdown(SocketShutdown.Send);
        }
        else
        {
            LoopbackListener.Reset(client);
        }

        await stop.CancelAsync();
    }

    /// <returns>Whether everything was copied: no fault cut it, and neither side closed the connection.</returns>
    private static async Task<bool> CopyAsync(Stream from, Stream to, long? limit, Func<int, Task>? onRelayed, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var left = limit ?? long.MaxValue;
            while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                var passed = (int)Math.Min(count, left);
                await to.WriteAsync(buffer.AsMemory(0, passed), cancellationToken);
                await to.FlushAsync(cancellationToken);
                await (onRelayed?.Invoke(passed) ?? Task.CompletedTask);
                left -= passed;
                if (left == 0)
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception fault) when (fault is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>A fault of a TCP connection, below whatever protocol it carries.</summary>
public abstract record ConnectionFault
{
    private ConnectionFault()
    {
    }

    /// <summary>Resets the connection at once.</summary>
    public sealed record Reset : ConnectionFault;

    /// <summary>Resets the connection when the server has sent this many bytes.</summary>
    public sealed record CutReceiving(long Bytes) : ConnectionFault;

    /// <summary>Passes nothing more of what the server sends after this many bytes; the connection stays.</summary>
    public sealed record Silence(long Bytes) : ConnectionFault;

    /// <summary>Resets the connection when the client has sent this many bytes.</summary>
    public sealed record CutSending(long Bytes) : ConnectionFault;
}
