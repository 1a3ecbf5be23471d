using System.Runtime.InteropServices;

namespace ClusterTrust.Text;

/// <summary>
/// The content of a file, checked before it is parsed. Content in another encoding or wrapping is converted without loss, with a warning;
/// content of another kind is named in <see cref="Fault"/>. Takes time and memory linear in the length of the content. All copies are in
/// pinned memory and wiped on disposal.
/// </summary>
public sealed class FileContent : IDisposable
{
    /// <summary>The maximum number of wrappings that are removed, such as quotes around base64 around UTF-16.</summary>
    private const int MaximumWrappings = 4;

    private readonly List<string> _warnings = [];
    private PinnedBuffer _buffer;

    private FileContent(ReadOnlySpan<byte> content)
    {
        _buffer = new PinnedBuffer(content.Length + 1);
        _buffer.Append(content);
    }

    /// <summary>The content, converted if necessary; the caller must not keep it after <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.Memory;

    /// <summary>
    /// Why the content cannot be of the expected kind and what to do, to follow the file's name, without a period and without any of the
    /// content: "contains an HTML page instead of …". Null if it may be of that kind; only a parser can be certain.
    /// </summary>
    public string? Fault { get; private set; }

    /// <summary>What was converted, to follow the file's name: "is encoded in UTF-16: …". Empty if <see cref="Bytes"/> is unchanged.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The content as text without blanks around it. A string cannot be wiped: for tokens and the like only.</summary>
    public string Text => Encoding.UTF8.GetString(_buffer.Memory.Span.Trim(PemScanner.Blanks));

    /// <param name="content">The content; it is copied and may be wiped afterwards.</param>
    public static FileContent Read(ReadOnlySpan<byte> content, FileKind expected)
    {
        var read = new FileContent(content);
        read.Normalize(expected);
        read.Fault = ContentShape.Of(read.Bytes.Span).Explain(expected);
        return read;
    }

    /// <summary>The content of a file that is not read, and why.</summary>
    internal static FileContent Unreadable(string fault) => new([]) { Fault = fault };

    /// <summary>Whether a value of a kubeconfig was left out by <c>kubectl config view</c>, which needs <c>--raw</c> to show it.</summary>
    public static bool IsRedacted(string value) => value is "DATA+OMITTED" or "REDACTED";

    public void Dispose() => _buffer.Dispose();

    private void Normalize(FileKind expected)
    {
        for (var round = 0; round < MaximumWrappings && Unwrap(expected); round++)
        {
        }

        UnescapeLineEnds(expected);
        WrapDer(expected);
        if (PemFormatter.Format(_buffer.Memory.Span) is { } formatted)
        {
            Replace(formatted, "has misplaced line breaks or blanks in its PEM, which were corrected: store it with its line breaks (YAML: '|', not '>')");
        }
    }

    /// <summary>Removes one wrapping; false when there is none.</summary>
    private bool Unwrap(FileKind expected)
    {
        var content = _buffer.Memory.Span;
        if (content is [0xEF, 0xBB, 0xBF, ..])
        {
            Replace(content[3..], "begins with a byte order mark, which was removed: save it as UTF-8 without one");
            return true;
        }

        return DecodeUtf16(content) || Unquote(content) || DecodeBase64(content, expected);
    }

    private bool DecodeUtf16(ReadOnlySpan<byte> content)
    {
        var encoding = content switch
        {
            _ when content.Length % 2 != 0 || content is [0xFF, 0xFE, 0, 0, ..] => null,
            [0xFF, 0xFE, _, _, ..] or [not 0, 0, _, _, ..] => Encoding.Unicode,
            [0xFE, 0xFF, _, _, ..] or [0, not 0, _, _, ..] => Encoding.BigEndianUnicode,
            _ => null,
        };
        if (encoding is null)
        {
            return false;
        }

        var units = GC.AllocateUninitializedArray<char>(content.Length / 2, pinned: true);
        encoding.GetChars(content, units);
        var text = units is ['\uFEFF', ..] ? units.AsSpan(1) : units;

        // Without a byte order mark, only ASCII is certain to be UTF-16. Invalid units are decoded as U+FFFD.
        var isText = text.Length < units.Length ? !text.Contains('\uFFFD') : !text.ContainsAnyExceptInRange('\u0001', '~');
        if (isText)
        {
            var utf8 = new PinnedBuffer(Encoding.UTF8.GetMaxByteCount(text.Length));
            utf8.Advance(Encoding.UTF8.GetBytes(text, utf8.Free(1).Span));
            Replace(utf8, "is encoded in UTF-16, which was converted: save it as UTF-8 (PowerShell: -Encoding ascii)");
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(units.AsSpan()));
        return isText;
    }

    private bool Unquote(ReadOnlySpan<byte> content)
    {
        var trimmed = content.Trim(PemScanner.Blanks);
        if (trimmed is not ([(byte)'"', .., (byte)'"'] or [(byte)'\'', .., (byte)'\'']) || trimmed[1..^1].Contains(trimmed[0]))
        {
            return false;
        }

        Replace(trimmed[1..^1], "is in quotes, which were removed: store it without them");
        return true;
    }

    /// <summary>Decodes base64 of known content: a Secret's value that was encoded twice, or DER without the lines of PEM.</summary>
    private bool DecodeBase64(ReadOnlySpan<byte> content, FileKind expected)
    {
        var trimmed = content.Trim(PemScanner.Blanks);
        if (trimmed.Length < 16 || !IsWrapped(trimmed, expected) || PemBody.Decode(trimmed) is not { } decoded)
        {
            return false;
        }

        Replace(decoded, "is encoded in base64 once more and was decoded: store it as it is (in a Secret under stringData, or encoded once under data)");
        CryptographicOperations.ZeroMemory(decoded);
        return true;
    }

    /// <summary>Whether text begins like base64 of PEM, of DER, of a byte order mark, or of the expected kind.</summary>
    private static bool IsWrapped(ReadOnlySpan<byte> text, FileKind expected) => expected switch
    {
        _ when text.StartsWith("LS0tLS1CRUdJTi"u8) => true,
        FileKind.Token => text.StartsWith("ZXlK"u8) || text.StartsWith("Z2l0aHViX3BhdF"u8) || text.StartsWith("Z2hwX"u8) || text.StartsWith("Z2hzX"u8),
        FileKind.Kubeconfig => text.StartsWith("YXBpVmVyc2lvb"u8) || text.StartsWith("Y2x1c3RlcnM6"u8) || text.StartsWith("LS0tC"u8),
        FileKind.KnownHosts => false,
        _ => text.StartsWith("MI"u8) || text.StartsWith("MH"u8) || text.StartsWith("//4tAC0A"u8) || text.StartsWith("77u/LS0t"u8),
    };

    private void UnescapeLineEnds(FileKind expected)
    {
        var content = _buffer.Memory.Span;
        var isPem = content.IndexOf("-----BEGIN"u8) >= 0;
        var isLine = expected is FileKind.Token or FileKind.KnownHosts or FileKind.Kubeconfig
            && content.Trim(PemScanner.Blanks) is [not (byte)'{', ..] line && line.IndexOf((byte)'\n') < 0;
        if (!(isPem || isLine) || content.IndexOf("\\n"u8) < 0)
        {
            return;
        }

        var unescaped = new PinnedBuffer(content.Length);
        for (var i = 0; i < content.Length; i++)
        {
            var end = i;
            while (end < content.Length && content[end] == '\\')
            {
                end++;
            }

            var isLineEnd = end > i && end < content.Length && content[end] is (byte)'n' or (byte)'r';
            unescaped.Append(!isLineEnd ? content[i..Math.Min(end + 1, content.Length)] : content[end] == 'n' ? "\n"u8 : []);
            i = end;
        }

        Replace(unescaped, "has \\n as text instead of line breaks, which were restored: store it with real line breaks");
    }

    /// <summary>Converts DER of a known and expected kind to PEM.</summary>
    private void WrapDer(FileKind expected)
    {
        if (expected is not (FileKind.Certificate or FileKind.PrivateKey or FileKind.SshPrivateKey)
            || DerShape.Of(_buffer.Memory.Span)?.PemLabel is not { } label)
        {
            return;
        }

        var pem = new PinnedBuffer(PemEncoding.GetEncodedSize(label.Length, _buffer.Length));
        PemEncoding.TryWriteUtf8(Encoding.ASCII.GetBytes(label), _buffer.Memory.Span, pem.Free(1).Span, out var written);
        pem.Advance(written);
        Replace(pem, "is DER, which was converted to PEM: store it as PEM");
    }

    private void Replace(ReadOnlySpan<byte> content, string warning)
    {
        var replacement = new PinnedBuffer(content.Length + 1);
        replacement.Append(content);
        Replace(replacement, warning);
    }

    private void Replace(PinnedBuffer replacement, string warning)
    {
        _buffer.Dispose();
        _buffer = replacement;
        _warnings.Add(warning);
    }
}
