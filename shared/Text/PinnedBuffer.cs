namespace ClusterTrust.Text;

/// <summary>Memory for secrets: pinned, so that the garbage collector makes no copies, and wiped when it is disposed of or replaced by a larger one.</summary>
/// <param name="capacity">Bytes to allocate at first, at least 1; it grows by doubling.</param>
public sealed class PinnedBuffer(int capacity) : IDisposable
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);

    /// <summary>Bytes in use.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes in use; invalid after the next call of <see cref="Free"/>, <see cref="Append"/> or <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>Free memory for at least <paramref name="size"/> more bytes; see <see cref="Advance"/>.</summary>
    public Memory<byte> Free(int size)
    {
        if (_bytes.Length - Length < size)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(2 * _bytes.Length, Length + size), pinned: true);
            _bytes.AsSpan(0, Length).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_bytes);
            _bytes = larger;
        }

        return _bytes.AsMemory(Length);
    }

    /// <summary>Counts bytes written into <see cref="Free"/>.</summary>
    public void Advance(int count) => Length += count;

    public void Append(ReadOnlySpan<byte> more)
    {
        more.CopyTo(Free(more.Length).Span);
        Length += more.Length;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        Length = 0;
    }
}
