using System.Buffers;
using System.Buffers.Text;

namespace ClusterTrust.Text;

/// <summary>
/// Finds the blocks of a PEM text and skips everything between them: comments, bag attributes, byte order marks, blank lines. More
/// lenient than <see cref="PemEncoding"/>: it also reads files joined without a line end (<c>-----END X----------BEGIN Y-----</c>), and
/// files whose line ends became blanks. Takes time linear in the length of the text.
/// </summary>
/// <param name="text">The text, in ASCII or anything that extends it.</param>
public ref struct PemScanner(ReadOnlySpan<byte> text)
{
    private const int MaxLabelLength = 64;

    private readonly ReadOnlySpan<byte> _text = text;
    private int _position;
    private int _endOfLastBlock;

    private static ReadOnlySpan<byte> Begin => "-----BEGIN"u8;

    private static ReadOnlySpan<byte> End => "-----END"u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    internal static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    public PemBlock Current { get; private set; }

    public readonly PemScanner GetEnumerator() => this;

    public bool MoveNext()
    {
        while (true)
        {
            var found = _text[_position..].IndexOf(Begin);
            if (found < 0)
            {
                return false;
            }

            var marker = _position + found;
            _position = marker + Begin.Length;
            var label = _text.Slice(_position, Math.Min(MaxLabelLength + Dashes.Length, _text.Length - _position));
            var length = label.IndexOf(Dashes);
            if (length > 0 && Blanks.Contains(label[0]) && StartsLine(marker) && WordsOf(label[..length]) is { Length: > 0 } words)
            {
                Current = Read(words, label[..length], _position + length + Dashes.Length);
                return true;
            }
        }
    }

    private PemBlock Read(string words, ReadOnlySpan<byte> label, int bodyStart)
    {
        var rest = _text[bodyStart..];
        var length = rest.IndexOf(Dashes);
        if (length < 0)
        {
            _position = _text.Length;
            return new PemBlock(words, rest, isTerminated: false, isRegular: false);
        }

        _position = bodyStart + length;
        var body = rest[..length];
        var marker = rest[length..];
        var ending = marker.StartsWith(End) ? marker[End.Length..Math.Min(End.Length + MaxLabelLength + Dashes.Length, marker.Length)] : [];
        var endLength = ending.IndexOf(Dashes);
        if (endLength <= 0 || WordsOf(ending[..endLength]) != words)
        {
            return new PemBlock(words, body, isTerminated: false, isRegular: false);
        }

        _position += End.Length + endLength + Dashes.Length;
        _endOfLastBlock = _position;
        var isRegular = label.SequenceEqual(ending[..endLength]) && Encoding.Latin1.GetString(label) == $" {words}" && HasLines(body);
        return new PemBlock(words, body, isTerminated: true, isRegular);
    }

    /// <summary>A marker is recognized at the start of a line, after optional blanks, or directly after the last block.</summary>
    private readonly bool StartsLine(int marker)
    {
        while (marker > _endOfLastBlock)
        {
            switch (_text[--marker])
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

    /// <summary>The words of a label with one blank between them.</summary>
    private static string WordsOf(ReadOnlySpan<byte> label) =>
        string.Join(' ', Encoding.Latin1.GetString(label).Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Whether a body begins and ends with a line end and its base64 has no blanks.</summary>
    private static bool HasLines(ReadOnlySpan<byte> body)
    {
        var base64 = PemBody.WithoutHeaders(body);
        return base64 is [(byte)'\n' or (byte)'\r', .., (byte)'\n' or (byte)'\r'] or [(byte)'\n'] && base64.IndexOfAny((byte)' ', (byte)'\t') < 0;
    }
}

/// <summary>One encapsulated part of a PEM text (RFC 7468 §2), as found, nothing decoded.</summary>
public readonly ref struct PemBlock(string label, ReadOnlySpan<byte> body, bool isTerminated, bool isRegular)
{
    /// <summary>The words between BEGIN and the dashes, such as <c>CERTIFICATE</c>, with one blank between them; null for the default block.</summary>
    public string Label { get; } = label;

    /// <summary>What is between the markers: base64, blanks and perhaps RFC 1421 headers.</summary>
    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>False if the END marker is missing or has another label.</summary>
    public bool IsTerminated { get; } = isTerminated;

    /// <summary>Whether it is written as in RFC 7468, so that every parser accepts it: each marker on its own line, base64 in lines without blanks.</summary>
    public bool IsRegular { get; } = isRegular;

    /// <summary>A certificate under any of its labels. The body of a <c>TRUSTED CERTIFICATE</c> continues after the certificate.</summary>
    public bool IsCertificate => Label is "CERTIFICATE" or "X509 CERTIFICATE" || IsTrustedCertificate;

    /// <summary>OpenSSL's own form of a certificate: the certificate in DER, then the uses that it is trusted for.</summary>
    public bool IsTrustedCertificate => Label == "TRUSTED CERTIFICATE";

    /// <summary>Signed data (RFC 5652, PKCS#7), which may contain certificates.</summary>
    public bool IsPkcs7 => Label is "PKCS7" or "CMS" or "PKCS #7 SIGNED DATA";

    /// <summary>A private key of any kind except OpenPGP's.</summary>
    public bool IsPrivateKey => Label.EndsWith("PRIVATE KEY", StringComparison.Ordinal);
}

/// <summary>The base64 between two PEM markers.</summary>
public static class PemBody
{
    /// <summary>Decodes a body and skips its RFC 1421 headers.</summary>
    /// <returns>The bytes in a buffer that the garbage collector does not copy, so that a key can be wiped from it; null if it is not base64.</returns>
    public static byte[]? Decode(ReadOnlySpan<byte> body)
    {
        body = WithoutHeaders(body);
        var buffer = GC.AllocateUninitializedArray<byte>(Base64.GetMaxDecodedFromUtf8Length(body.Length), pinned: true);
        var status = Base64.DecodeFromUtf8(body, buffer, out var consumed, out var written);
        var der = status == OperationStatus.Done && consumed == body.Length && written > 0
            ? GC.AllocateUninitializedArray<byte>(written, pinned: true)
            : null;
        buffer.AsSpan(0, der?.Length ?? 0).CopyTo(der);
        CryptographicOperations.ZeroMemory(buffer);
        return der;
    }

    /// <summary>Whether OpenSSL's traditional encryption is indicated, by the header <c>Proc-Type: 4,ENCRYPTED</c>.</summary>
    public static bool IsEncrypted(ReadOnlySpan<byte> body) => body[..^WithoutHeaders(body).Length].IndexOf("ENCRYPTED"u8) >= 0;

    /// <summary>Headers are lines with a colon, which base64 cannot contain; they end with the last such line.</summary>
    internal static ReadOnlySpan<byte> WithoutHeaders(ReadOnlySpan<byte> body)
    {
        var lastColon = body.LastIndexOf((byte)':');
        if (lastColon < 0)
        {
            return body;
        }

        var lineEnd = body[lastColon..].IndexOfAny((byte)'\n', (byte)'\r');
        return lineEnd < 0 ? [] : body[(lastColon + lineEnd)..];
    }
}
