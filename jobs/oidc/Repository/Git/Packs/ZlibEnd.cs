using Org.BouncyCastle.Utilities.Zlib;

namespace ClusterTrust.Oidc.Repository.Git.Packs;

/// <summary>Finds the end of a zlib stream (RFC 1950), which nothing but unpacking it tells. .NET's own streams read beyond it.</summary>
internal sealed class ZlibEnd
{
    private const int Ok = 0;
    private const int StreamEnd = 1;
    private const int BufferError = -5;

    // Small: what follows the end belongs to the next stream, and is copied once more for it.
    private readonly byte[] input = new byte[1024];
    private readonly byte[] output = new byte[16 * 1024];
    private ZStream stream = null!;

    /// <summary>Takes what is unpacked.</summary>
    public delegate void Unpacked(ReadOnlySpan<byte> content);

    /// <summary>Begins another stream.</summary>
    public void Reset()
    {
        stream?.inflateEnd();
        stream = new ZStream();
        stream.inflateInit();
    }

    /// <summary>Takes some of it, not always all that there is.</summary>
    /// <returns>How many bytes belong to the stream, and how far it is.</returns>
    public (int Taken, ZlibState State) Pass(ReadOnlySpan<byte> data, Unpacked? unpacked)
    {
        data = data[..Math.Min(data.Length, input.Length)];
        data.CopyTo(input);
        (stream.next_in, stream.next_in_index, stream.avail_in) = (input, 0, data.Length);
        while (true)
        {
            (stream.next_out, stream.next_out_index, stream.avail_out) = (output, 0, output.Length);
            var status = stream.inflate(JZlib.Z_NO_FLUSH);
            unpacked?.Invoke(output.AsSpan(0, output.Length - stream.avail_out));
            if (status == StreamEnd)
            {
                return (data.Length - stream.avail_in, ZlibState.Ended);
            }

            if (status is not (Ok or BufferError))
            {
                return (data.Length - stream.avail_in, ZlibState.Damaged);
            }

            if (stream.avail_in == 0 && stream.avail_out > 0)
            {
                return (data.Length, ZlibState.Open);
            }
        }
    }
}
