using System.Security.Cryptography;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Memory for secrets: the garbage collector leaves no copies of it behind, and it is wiped when it is disposed of or outgrown.</summary>
internal sealed class PinnedBuffer(int capacity) : IDisposable
{
    private byte[] bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);

    /// <summary>How much of it is used.</summary>
    public int Length { get; private set; }

    /// <summary>The part that is used.</summary>
    public ReadOnlyMemory<byte> Memory => bytes.AsMemory(0, Length);

    /// <summary>Where more can be written, at least <paramref name="room"/> bytes; see <see cref="Advance"/>.</summary>
    public Memory<byte> Free(int room)
    {
        if (bytes.Length - Length < room)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(2 * bytes.Length, Length + room), pinned: true);
            bytes.AsSpan(0, Length).CopyTo(larger);
            CryptographicOperations.ZeroMemory(bytes);
            bytes = larger;
        }

        return bytes.AsMemory(Length);
    }

    /// <summary>Says how much was written into <see cref="Free"/>.</summary>
    public void Advance(int count) => Length += count;

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(bytes);
        Length = 0;
    }
}
