using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClusterTrust.Oidc.Trust;

/// <summary>The trust as an object for scripts: <c>cloud</c>, <c>issuer</c>, <c>subject</c>, <c>audience</c>, <c>commands</c>.</summary>
public static class TrustJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>The object, ending in a line feed. The audience is null where the cloud's default names the provider itself.</summary>
    public static string For(TrustRequest request)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("cloud", JsonNamingPolicy.KebabCaseLower.ConvertName(request.Cloud.ToString()));
            writer.WriteString("issuer", request.Issuer);
            writer.WriteString("subject", request.Subject.ToString());
            writer.WriteString("audience", request.EffectiveAudience);
            writer.WriteString("commands", TrustCommands.For(request));
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
