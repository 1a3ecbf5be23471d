using System.Formats.Asn1;

namespace ClusterTrust.Text;

/// <summary>Recognizes keys, certificates and bundles in DER.</summary>
internal static class DerShape
{
    /// <summary>Recognizes a DER value by the tags of its first elements (X.690).</summary>
    public static ContentShape? Of(ReadOnlySpan<byte> content)
    {
        const byte Integer = 0x02, BitString = 0x03, OctetString = 0x04, ObjectIdentifier = 0x06, Sequence = 0x30, Attributes = 0xA0;
        var elements = ReadElement(content, out var length);
        if (content.Length < 16 || content[0] != Sequence || length != content.Length)
        {
            return null;
        }

        return FirstTags(elements) switch
        {
            [ObjectIdentifier, ..] => new("a PKCS#7 bundle in DER", ContentParts.Pkcs7, PemLabel: "PKCS7"),
            [Integer, Sequence, OctetString, ..] => new("a private key in DER", ContentParts.PrivateKey, PemLabel: "PRIVATE KEY"),
            [Integer, Sequence, ..] => new("a PKCS#12 file (PFX)",
                Remedy: "convert it with 'openssl pkcs12 -in FILE -nodes', with -nocerts for the key and -nokeys for the certificates"),
            [Integer, Integer, ..] => new("a private key in DER", ContentParts.PrivateKey, PemLabel: "RSA PRIVATE KEY"),
            [Integer, OctetString, ..] => new("a private key in DER", ContentParts.PrivateKey, PemLabel: "EC PRIVATE KEY"),
            [Sequence, OctetString, ..] => new("an encrypted private key in DER", Remedy: "store it without a password"),
            [Sequence, BitString, ..] => new("a public key in DER", ContentParts.PublicKey),

            // A request consists of version, subject, key and attributes; a certificate of version or serial number, algorithm and more.
            [Sequence, Sequence, BitString, ..] => FirstTags(ReadElement(elements, out _)) is [Integer, Sequence, Sequence] or [Integer, Sequence, Sequence, Attributes, ..]
                ? new("a certificate signing request in DER", ContentParts.Request)
                : new("a certificate in DER", ContentParts.Certificate, PemLabel: "CERTIFICATE"),
            _ => null,
        };
    }

    private static List<byte> FirstTags(ReadOnlySpan<byte> elements)
    {
        var tags = new List<byte>();
        for (ReadElement(elements, out var length); length > 0 && tags.Count < 4; ReadElement(elements, out length))
        {
            tags.Add(elements[0]);
            elements = elements[length..];
        }

        return tags;
    }

    /// <summary>The content of the first element and the element's whole length; nothing and 0 if it is invalid.</summary>
    private static ReadOnlySpan<byte> ReadElement(ReadOnlySpan<byte> elements, out int length)
    {
        try
        {
            return AsnDecoder.TryReadEncodedValue(elements, AsnEncodingRules.BER, out _, out var offset, out var contentLength, out length)
                ? elements.Slice(offset, contentLength)
                : [];
        }
        catch (AsnContentException)
        {
            // An indefinite length without an end.
            length = 0;
            return [];
        }
    }
}
