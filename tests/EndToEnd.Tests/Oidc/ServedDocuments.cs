using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Replaces what an API server serves.</summary>
internal static class ServedDocuments
{
    /// <summary>Serves its true discovery document, changed.</summary>
    public static void ServeDiscovery(this KubeApiServer server, Action<JsonObject> change)
    {
        server.Issuer.DiscoveryOverride = null;
        server.Issuer.DiscoveryOverride = Changed(server.Issuer.Discovery, change);
    }

    /// <summary>Serves its true key set, changed.</summary>
    public static void ServeJwks(this KubeApiServer server, Action<JsonObject> change)
    {
        server.Issuer.JwksOverride = null;
        server.Issuer.JwksOverride = Changed(server.Issuer.Jwks, change);
    }

    /// <summary>Serves its true key set, with the first key changed.</summary>
    public static void ServeKey(this KubeApiServer server, Action<JsonObject> change) =>
        server.ServeJwks(document => change(document["keys"]![0]!.AsObject()));

    /// <summary>Serves a text in the place of the key set.</summary>
    public static void ServeInstead(this KubeApiServer server, string text, string contentType = "application/jwk-set+json", int status = 200) =>
        server.Issuer.JwksOverride = new ServedDocument(Encoding.UTF8.GetBytes(text), contentType, status);

    /// <summary>Serves the truth again.</summary>
    public static void ServeTruth(this KubeApiServer server) => (server.Issuer.DiscoveryOverride, server.Issuer.JwksOverride) = (null, null);

    private static ServedDocument Changed(ServedDocument document, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(document.Body)!.AsObject();
        change(json);
        return document with { Body = Encoding.UTF8.GetBytes(json.ToJsonString()) };
    }
}
