using System.Formats.Asn1;
using System.Globalization;
using System.Net;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>A certificate's alternative names (RFC 5280 §4.2.1.6) in a comparable form.</summary>
internal static class SubjectIdentities
{
    /// <param name="extension">The value of a subjectAltName extension, DER.</param>
    /// <returns>Each name once with its kind (<c>DNS:</c> in lower case, <c>IP:</c>, <c>URI:</c>, <c>email:</c>, <c>other:</c> in hexadecimal), sorted.</returns>
    /// <exception cref="AsnContentException">Not a subjectAltName.</exception>
    public static IReadOnlyList<string> Read(ReadOnlyMemory<byte> extension)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var sequence = new AsnReader(extension, AsnEncodingRules.BER).ReadSequence();
        while (sequence.HasData)
        {
            names.Add(ReadName(sequence));
        }

        return [.. names];
    }

    private static string ReadName(AsnReader sequence)
    {
        var tag = sequence.PeekTag();
        switch (tag.TagClass, tag.TagValue)
        {
            case (TagClass.ContextSpecific, 1):
                return "email:" + Clean(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
            case (TagClass.ContextSpecific, 2):
                return "DNS:" + Clean(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag)).ToLower(CultureInfo.InvariantCulture);
            case (TagClass.ContextSpecific, 6):
                return "URI:" + Clean(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
            case (TagClass.ContextSpecific, 7):
                var octets = sequence.ReadOctetString(tag);
                return octets.Length is 4 or 16 ? $"IP:{new IPAddress(octets)}" : "other:" + Convert.ToHexString(octets);
            default:
                return "other:" + Convert.ToHexString(sequence.ReadEncodedValue().Span);
        }
    }

    private static string Clean(string name) => string.Concat(name.Select(static character => char.IsControl(character) ? '?' : character));
}
