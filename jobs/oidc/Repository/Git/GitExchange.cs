using System.Buffers;
using System.Diagnostics;
using ClusterTrust.Hosting;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>One conversation with a Git server, as the stream that libgit2 reads and writes.</summary>
internal abstract class GitExchange(SmartSubtransport subtransport, GitTransport transport, GitSmartSubtransportAction action)
    : SmartSubtransportStream(subtransport)
{
    private const int MaxChunk = 128 * 1024;

    private readonly long _start = Stopwatch.GetTimestamp();
    private ServerReply? _reply;
    private long _received;

    protected GitTransport Transport { get; } = transport;

    protected GitSmartSubtransportAction Action { get; } = action;

    public sealed override int Read(Stream dataStream, long length, out long bytesRead)
    {
        var count = 0;
        var result = Transfer((int)Math.Min(length, MaxChunk), buffer =>
        {
            _reply ??= new ServerReply(ReceiveWithinBounds, Transport, Action);
            count = _reply.Read(buffer.Span);
            dataStream.Write(buffer.Span[..count]);
        });
        bytesRead = count;
        return result;
    }

    public sealed override int Write(Stream dataStream, long length) => Transfer((int)length, buffer =>
    {
        dataStream.ReadExactly(buffer.Span);
        Send(buffer.Span);
    });

    /// <exception cref="JobException">The connection broke.</exception>
    protected abstract void Send(ReadOnlySpan<byte> data);

    /// <returns>The number of bytes received, 0 at the end.</returns>
    /// <exception cref="JobException">The connection broke, or the server refused.</exception>
    protected abstract int Receive(Span<byte> buffer);

    private int Transfer(int length, Action<Memory<byte>> transfer)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            transfer(buffer.AsMemory(0, length));
            return 0;
        }
        catch (Exception failure)
        {
            Transport.RecordFailure(failure);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A server that never stops sending must not fill the temporary folder or use up the run's time.</summary>
    private int ReceiveWithinBounds(Span<byte> buffer)
    {
        var options = Transport.Options;
        var count = Receive(buffer);
        _received += count;
        if (_received > options.MostReceived)
        {
            throw new JobException(
                $"The server of {Transport.Address} sends more than {options.MostReceived} bytes: publish to a separate repository, or check which server answers at that address.", ExitCode.Failed);
        }

        return count == 0 || Stopwatch.GetElapsedTime(_start) < options.LongestConversation
            ? count
            : throw new JobException(
                $"The server of {Transport.Address} did not finish within {options.LongestConversation.TotalSeconds:0} s: check the network, and which server answers at that address.", ExitCode.Failed);
    }
}
