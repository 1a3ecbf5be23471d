using System.Text;
using System.Text.Json;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Trust;

/// <summary>The trust as an object for scripts: <c>cloud</c>, <c>issuer</c>, <c>subjects</c>, <c>audience</c>, <c>commands</c>.</summary>
public static class TrustJson
{
    /// <summary>The object, ending in a line feed. The audience is null where the cloud's default names the provider in a project that is not known here.</summary>
    public static string For(TrustRequest request) => Encoding.UTF8.GetString(CanonicalJson.Write(writer =>
    {
        writer.WriteString("cloud", JsonNamingPolicy.KebabCaseLower.ConvertName(request.Cloud.ToString()));
        writer.WriteString("issuer", request.Issuer);
        writer.WriteStartArray("subjects");
        foreach (var subject in request.Subjects)
        {
            writer.WriteStringValue(subject.ToString());
        }

        writer.WriteEndArray();
        writer.WriteString("audience", request.EffectiveAudience);
        writer.WriteString("commands", TrustCommands.For(request));
    }));
}
