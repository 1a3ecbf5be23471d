namespace ClusterTrust.Text;

/// <summary>Restores line ends and blanks of PEM that were lost, as by YAML's <c>&gt;-</c>, so that every parser accepts it.</summary>
internal static class PemFormatter
{
    private const int Base64LineLength = 64;

    /// <returns>The blocks as RFC 7468 writes them; null if they are, or if it is not certain where one ends.</returns>
    public static PinnedBuffer? Format(ReadOnlySpan<byte> text)
    {
        var (blocks, irregular) = (0, 0);
        foreach (var block in new PemScanner(text))
        {
            blocks++;
            irregular += block is { IsTerminated: true, IsRegular: false } ? 1 : 0;

            // A header ends with its line: in one line with the base64, its end is unknown.
            if (!block.IsTerminated || (!block.IsRegular && block.Body.Contains((byte)':')))
            {
                return null;
            }
        }

        if (irregular == 0)
        {
            return null;
        }

        var formatted = new PinnedBuffer((text.Length * 2) + (blocks * 200));
        foreach (var block in new PemScanner(text))
        {
            Append(formatted, block);
        }

        return formatted;
    }

    private static void Append(PinnedBuffer target, PemBlock block)
    {
        target.Append(Encoding.Latin1.GetBytes($"-----BEGIN {block.Label}-----\n"));
        var body = block.Body;
        if (block.IsRegular)
        {
            target.Append(body[(body.IndexOf((byte)'\n') + 1)..]);
        }
        else
        {
            // OpenPGP's armor has an empty line before the base64 and its checksum on a line of its own (RFC 9580 §6.2).
            var isArmor = block.Label.StartsWith("PGP ", StringComparison.Ordinal);
            target.Append(isArmor ? "\n"u8 : []);
            var checksum = isArmor ? body.LastIndexOf((byte)'=') : -1;
            checksum = checksum > 0 && PemScanner.Blanks.Contains(body[checksum - 1]) ? checksum : body.Length;
            AppendLines(target, body[..checksum]);
            AppendLines(target, body[checksum..]);
        }

        target.Append(Encoding.Latin1.GetBytes($"-----END {block.Label}-----\n"));
    }

    /// <summary>Appends base64 in lines of 64 characters, without the blanks that are in it.</summary>
    private static void AppendLines(PinnedBuffer target, ReadOnlySpan<byte> base64)
    {
        var column = 0;
        foreach (var character in base64)
        {
            if (!PemScanner.Blanks.Contains(character))
            {
                target.Append([character]);
                target.Append(++column % Base64LineLength == 0 ? "\n"u8 : []);
            }
        }

        target.Append(column % Base64LineLength > 0 ? "\n"u8 : []);
    }
}
