using ClusterTrust.Hosting;

namespace ClusterTrust.Oidc.Repository.Git.Packs;

/// <summary>
/// Reads a pack as it passes (<c>gitformat-pack</c>) and refuses what libgit2 would unfold in memory: objects made from others by a
/// delta, and commits, trees and tags, beyond a size. A few kilobytes are enough for gigabytes. Other files go to the disk in pieces.
/// </summary>
/// <param name="address">The repository, for the message.</param>
internal sealed class PackBounds(GitAddress address)
{
    /// <summary>The largest object that is made by a delta, or taken for one, in bytes.</summary>
    internal const long LargestDelta = 64 * 1024 * 1024;

    /// <summary>The largest commit, tree or tag, in bytes: a folder of more than 200,000 files.</summary>
    internal const long LargestStructure = 16 * 1024 * 1024;

    // The pack's signature, version and number of objects.
    private const int HeaderSize = 12;
    private const int NameSize = 20;

    // Two numbers of up to ten bytes each open a delta: the size of what it starts from, and of what it makes.
    private const int DeltaHeaderSize = 20;

    private readonly byte[] deltaHeader = new byte[DeltaHeaderSize];
    private readonly ZlibEnd zlib = new();
    private Part part = Part.Header;
    private int seen;
    private uint objects;
    private int type;
    private ulong size;
    private int deltaLength;

    private enum Part
    {
        Header,
        Size,
        Offset,
        Name,
        Content,
        Trailer,
    }

    /// <summary>Whether all objects have passed.</summary>
    public bool IsAtEnd => part == Part.Trailer;

    /// <summary>Takes what has come of the pack.</summary>
    /// <exception cref="JobException">An object is too large (exit code 3), or not packed as it must be (1).</exception>
    public void Pass(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && part != Part.Trailer)
        {
            if (part == Part.Content)
            {
                data = data[TakeContent(data)..];
            }
            else
            {
                Take(data[0]);
                data = data[1..];
            }
        }
    }

    private void Take(byte one)
    {
        switch (part)
        {
            case Part.Header:
                objects = seen >= HeaderSize - sizeof(uint) ? (objects << 8) | one : 0;
                if (++seen == HeaderSize)
                {
                    Next();
                }

                break;
            case Part.Size:
                TakeSize(one);
                break;
            case Part.Offset when (one & 0x80) == 0:
            case Part.Name when ++seen == NameSize:
                part = Part.Content;
                break;
        }
    }

    private void TakeSize(byte one)
    {
        if (seen == 0)
        {
            (type, size) = ((one >> 4) & 7, one & 15u);
        }
        else if (seen < 10)
        {
            size |= (ulong)(one & 0x7f) << (4 + (7 * (seen - 1)));
        }

        seen++;
        if ((one & 0x80) != 0)
        {
            return;
        }

        // 1 commit, 2 tree, 3 blob, 4 tag, 6 delta to an offset, 7 delta to a name.
        if ((type is 1 or 2 or 4 && size > LargestStructure) || (type is 6 or 7 && size > LargestDelta))
        {
            throw TooLarge(type is 6 or 7 ? LargestDelta : LargestStructure);
        }

        (seen, deltaLength) = (0, 0);
        part = type switch { 6 => Part.Offset, 7 => Part.Name, _ => Part.Content };
    }

    private int TakeContent(ReadOnlySpan<byte> data)
    {
        var isDelta = type is 6 or 7;
        var (taken, state) = zlib.Pass(data, isDelta ? TakeDelta : null);
        switch (state)
        {
            case ZlibState.Ended:
                Next();
                break;
            case ZlibState.Damaged:
                // Nothing behind it could be told apart any more.
                throw new TransientGitException($"The pack that the server of {address} sends is damaged: run again later, and look at the repository if it happens again.");
        }

        return taken;
    }

    private void TakeDelta(ReadOnlySpan<byte> content)
    {
        if (deltaLength == DeltaHeaderSize)
        {
            return;
        }

        var count = Math.Min(content.Length, DeltaHeaderSize - deltaLength);
        content[..count].CopyTo(deltaHeader.AsSpan(deltaLength));
        deltaLength += count;
        var header = deltaHeader.AsSpan(0, deltaLength);
        if (Number(ref header) > LargestDelta || Number(ref header) > LargestDelta)
        {
            throw TooLarge(LargestDelta);
        }
    }

    /// <summary>A number of seven bits a byte, the lowest first; 0 when it is not there as a whole.</summary>
    private static ulong Number(ref Span<byte> from)
    {
        var number = 0UL;
        for (var i = 0; i < from.Length && i < 10; i++)
        {
            number |= (ulong)(from[i] & 0x7f) << (7 * i);
            if ((from[i] & 0x80) == 0)
            {
                from = from[(i + 1)..];
                return number;
            }
        }

        from = [];
        return 0;
    }

    private void Next()
    {
        part = objects-- == 0 ? Part.Trailer : Part.Size;
        seen = 0;
        zlib.Reset();
    }

    private JobException TooLarge(long most) => new(
        $"The server of {address} sends an object that unfolds to more than {most} bytes: look at the repository, or publish to one of its own.", ExitCode.Refused);
}
