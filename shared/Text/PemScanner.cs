namespace ClusterTrust.Text;

/// <summary>
/// Finds the blocks of a PEM text and passes over everything between them: comments, bag attributes, byte order marks, blank
/// lines of any kind. More patient than <see cref="System.Security.Cryptography.PemEncoding"/>: a file joined without a line
/// end (<c>-----END X----------BEGIN Y-----</c>) and one whose line ends and blanks were exchanged are read as they were meant.
/// Takes time proportional to the text, whatever is in it.
/// </summary>
/// <param name="text">The text, in ASCII or anything that extends it.</param>
public ref struct PemScanner(ReadOnlySpan<byte> text)
{
    private const int LongestLabel = 64;

    private readonly ReadOnlySpan<byte> text = text;
    private int position;
    private int endOfLastBlock;

    private static ReadOnlySpan<byte> Begin => "-----BEGIN"u8;

    private static ReadOnlySpan<byte> End => "-----END"u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    private static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    /// <summary>The block found by the last <see cref="MoveNext"/> that returned true.</summary>
    public PemBlock Current { get; private set; }

    /// <summary>Allows <c>foreach</c> over the blocks.</summary>
    public readonly PemScanner GetEnumerator() => this;

    /// <summary>Goes to the next block.</summary>
    /// <returns>False if there is none.</returns>
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
            position = marker + Begin.Length;
            var label = text.Slice(position, Math.Min(LongestLabel + Dashes.Length, text.Length - position));
            var length = label.IndexOf(Dashes);
            if (length <= 0 || !Blanks.Contains(label[0]) || label[..length].Trim(Blanks).IsEmpty || !StartsLine(marker))
            {
                continue;
            }

            Current = Read(label[..length], position + length + Dashes.Length);
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
            return new PemBlock(label.Trim(Blanks), rest, isTerminated: false, isRegular: false);
        }

        position = bodyStart + length;
        var body = rest[..length];
        var marker = rest[length..];
        if (!marker.StartsWith(End))
        {
            return new PemBlock(label.Trim(Blanks), body, isTerminated: false, isRegular: false);
        }

        marker = marker[End.Length..];
        var ending = marker[..Math.Min(LongestLabel + Dashes.Length, marker.Length)];
        var endLength = ending.IndexOf(Dashes);
        if (endLength <= 0 || !HaveSameWords(label, ending[..endLength]))
        {
            return new PemBlock(label.Trim(Blanks), body, isTerminated: false, isRegular: false);
        }

        position += End.Length + endLength + Dashes.Length;
        endOfLastBlock = position;
        var isRegular = label.SequenceEqual(ending[..endLength]) && HasSingleBlanks(label) && HasLines(body);
        return new PemBlock(label.Trim(Blanks), body, isTerminated: true, isRegular);
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

    private static bool HaveSameWords(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        while (true)
        {
            left = left.Trim(Blanks);
            right = right.Trim(Blanks);
            if (left.IsEmpty || right.IsEmpty)
            {
                return left.IsEmpty && right.IsEmpty;
            }

            var word = LengthOfWord(left);
            if (!left[..word].SequenceEqual(right[..LengthOfWord(right)]))
            {
                return false;
            }

            left = left[word..];
            right = right[word..];
        }

        static int LengthOfWord(ReadOnlySpan<byte> words) => words.IndexOfAny(Blanks) is >= 0 and var length ? length : words.Length;
    }

    /// <summary>Whether a label is one blank and words with one blank between them.</summary>
    private static bool HasSingleBlanks(ReadOnlySpan<byte> label) =>
        label[0] == ' ' && label.IndexOfAny("\t\r\n"u8) < 0 && label.IndexOf("  "u8) < 0 && label[^1] != ' ';

    /// <summary>Whether a body begins and ends with a line end and its base64 has no blanks.</summary>
    private static bool HasLines(ReadOnlySpan<byte> body)
    {
        var base64 = PemBody.WithoutHeaders(body);
        return base64 is [(byte)'\n' or (byte)'\r', .., (byte)'\n' or (byte)'\r'] or [(byte)'\n'] && base64.IndexOfAny((byte)' ', (byte)'\t') < 0;
    }
}
