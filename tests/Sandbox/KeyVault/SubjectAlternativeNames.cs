using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>Reads the subject alternative names a policy shows: e-mail addresses and DNS names (RFC 5280 §4.2.1.6). Others are left out.</summary>
internal static class SubjectAlternativeNames
{
    private static readonly Asn1Tag Email = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Dns = new(TagClass.ContextSpecific, 2);

    /// <returns>The <c>sans</c> of a policy, or null when the certificate has no such extension.</returns>
    public static JsonObject? Read(X509Certificate2 certificate)
    {
        if (certificate.Extensions["2.5.29.17"] is not { } extension)
        {
            return null;
        }

        var (emails, names) = (new JsonArray(), new JsonArray());
        var sequence = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            var tag = sequence.PeekTag();
            if (tag.HasSameClassAndValue(Email))
            {
                emails.Add((JsonNode)sequence.ReadCharacterString(UniversalTagNumber.IA5String, Email));
            }
            else if (tag.HasSameClassAndValue(Dns))
            {
                names.Add((JsonNode)sequence.ReadCharacterString(UniversalTagNumber.IA5String, Dns));
            }
            else
            {
                sequence.ReadEncodedValue();
            }
        }

        return new JsonObject { ["emails"] = emails, ["dns_names"] = names, ["upns"] = new JsonArray() };
    }
}
