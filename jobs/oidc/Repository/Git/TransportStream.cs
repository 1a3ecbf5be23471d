using System.Buffers;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>Gives an exchange to libgit2 as a stream.</summary>
internal sealed class TransportStream(SmartSubtransport subtransport, GitTransport transport, GitExchange exchange) : SmartSubtransportStream(subtransport)
{
    private const int MaxChunk = 128 * 1024;

    public override int Read(Stream dataStream, long length, out long bytesRead)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, MaxChunk));
        try
        {
            bytesRead = exchange.Read(buffer.AsSpan(0, (int)Math.Min(length, buffer.Length)));
            dataStream.Write(buffer, 0, (int)bytesRead);
            return 0;
        }
        catch (Exception failure)
        {
            transport.Failed(failure);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override int Write(Stream dataStream, long length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            dataStream.ReadExactly(buffer, 0, (int)length);
            exchange.Write(buffer.AsSpan(0, (int)length));
            return 0;
        }
        catch (Exception failure)
        {
            transport.Failed(failure);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override void Free()
    {
        exchange.Dispose();
        base.Free();
    }
}
