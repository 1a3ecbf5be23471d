namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// Finds the blocks of a PEM text and passes over everything between them: comments, bag attributes, byte order marks, blank
/// lines of any kind. More patient than <see cref="System.Security.Cryptography.PemEncoding"/>: a file joined without a line
/// end (<c>-----END X----------BEGIN Y-----</c>) and one whose line ends became blanks are read as they were meant.
/// Takes time proportional to the text, whatever is in it.
/// </summary>
internal ref struct PemScanner(ReadOnlySpan<byte> text)
{
    private const int LongestLabel = 64;

    private readonly ReadOnlySpan<byte> text = text;
    private int position;
    private int endOfLastBlock;

    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    private static ReadOnlySpan<byte> End => "-----END "u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <summary>The block found by the last <see cref="MoveNext"/> that returned true.</summary>
    public PemBlock Current { get; private set; }

    /// <summary>Lets <c>foreach</c> walk over the blocks.</summary>
    public readonly PemScanner GetEnumerator() => this;

    /// <summary>Goes to the next block.</summary>
    public bool MoveNext()
    {
        while (true)
        {
            var found = text[position..].IndexOf(Begin);
            if (found < 0)
            {
                return false;
            }

            var marker = position + found;
            var labelStart = marker + Begin.Length;
            var labelLength = text.Slice(labelStart, Math.Min(LongestLabel + Dashes.Length, text.Length - labelStart)).IndexOf(Dashes);
            position = labelStart;
            if (labelLength <= 0 || !StartsLine(marker))
            {
                continue;
            }

            Current = Read(text.Slice(labelStart, labelLength), labelStart + labelLength + Dashes.Length);
            return true;
        }
    }

    private PemBlock Read(ReadOnlySpan<byte> label, int bodyStart)
    {
        var rest = text[bodyStart..];
        var length = rest.IndexOf(Dashes);
        if (length < 0)
        {
            position = text.Length;
            return new PemBlock(label, rest, isTerminated: false);
        }

        var marker = rest[length..];
        var isTerminated = marker.StartsWith(End) && marker[End.Length..].StartsWith(label) && marker[(End.Length + label.Length)..].StartsWith(Dashes);
        position = bodyStart + length;
        if (isTerminated)
        {
            position += End.Length + label.Length + Dashes.Length;
            endOfLastBlock = position;
        }

        return new PemBlock(label, rest[..length], isTerminated);
    }

    /// <summary>A marker counts at the start of a line, blanks before it allowed, or right behind the last block.</summary>
    private readonly bool StartsLine(int marker)
    {
        while (marker > endOfLastBlock)
        {
            switch (text[--marker])
            {
                case (byte)'\n' or (byte)'\r':
                    return true;
                case (byte)' ' or (byte)'\t' or 0xEF or 0xBB or 0xBF:
                    continue;
                default:
                    return false;
            }
        }

        return true;
    }
}
