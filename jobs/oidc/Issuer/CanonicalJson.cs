using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>
/// Writes what is published: members in one order, keys by kid, lists sorted, two spaces of indent, line feeds, one at the end.
/// Equal documents have equal bytes, so a commit shows only what changed.
/// </summary>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // never embedded in HTML; '+' in a kid stays readable
    };

    public static byte[] Write(DiscoveryDocument document) => Write(writer =>
    {
        writer.WriteString("issuer", document.Issuer);
        writer.WriteString("jwks_uri", document.JwksUri);
        WriteList(writer, "response_types_supported", document.ResponseTypes);
        WriteList(writer, "subject_types_supported", document.SubjectTypes);
        WriteList(writer, "id_token_signing_alg_values_supported", document.SigningAlgorithms);
    });

    public static byte[] Write(JsonWebKeySet keySet) => Write(writer =>
    {
        writer.WriteStartArray("keys");
        foreach (var key in keySet.Keys)
        {
            writer.WriteStartObject();
            writer.WriteString("kid", key.Kid);
            writer.WriteString("use", "sig");
            if (key.Alg.Length > 0)
            {
                writer.WriteString("alg", key.Alg);
            }

            writer.WriteString("kty", key.Kty);
            key.WriteMembers(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <summary>One JSON object whose members <paramref name="members"/> writes, in the same style.</summary>
    internal static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
