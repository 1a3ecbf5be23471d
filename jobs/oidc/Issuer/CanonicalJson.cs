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
        WriteTexts(writer, "response_types_supported", Sorted(document.ResponseTypes));
        WriteTexts(writer, "subject_types_supported", Sorted(document.SubjectTypes));
        WriteTexts(writer, "id_token_signing_alg_values_supported", Sorted(document.SigningAlgorithms));
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
            foreach (var (name, value) in key.Members)
            {
                writer.WriteString(name, value);
            }

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

    /// <summary>An array of texts, in the order given.</summary>
    internal static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> texts) => texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}
