using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The issuer's two public documents, made from the keys as they are, or replaced by a test.</summary>
public sealed class IssuerEndpoint(ServiceAccountKeys keys, ApiServerOptions options)
{
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    public const string JwksPath = "/openid/v1/jwks";

    /// <summary>The issuer, to the character; changing it changes new tokens and the discovery document.</summary>
    public string Issuer { get; set; } = options.Issuer;

    /// <summary>The discovery document's <c>jwks_uri</c>; null means the issuer followed by <see cref="JwksPath"/>.</summary>
    public string? JwksUri { get; set; } = options.JwksUri;

    /// <summary>Served in place of the discovery document; null for the true one.</summary>
    public ServedDocument? DiscoveryOverride { get; set; }

    /// <summary>Served in place of the JWKS; null for the true one.</summary>
    public ServedDocument? JwksOverride { get; set; }

    /// <summary>The discovery document as served now.</summary>
    public ServedDocument Discovery => DiscoveryOverride ?? new ServedDocument(
        JsonText.Bytes(new JsonObject
        {
            ["issuer"] = Issuer,
            ["jwks_uri"] = JwksUri ?? Issuer.TrimEnd('/') + JwksPath,
            ["response_types_supported"] = JsonText.Array(["id_token"]),
            ["subject_types_supported"] = JsonText.Array(["public"]),
            ["id_token_signing_alg_values_supported"] = JsonText.Array(keys.Published.Select(static key => key.Algorithm.ToString()).Distinct()),
        }),
        "application/json");

    /// <summary>The JWKS as served now.</summary>
    public ServedDocument Jwks => JwksOverride ?? new ServedDocument(
        JsonText.Bytes(new JsonObject { ["keys"] = new JsonArray([.. keys.Published.Select(static key => key.ToJwk())]) }),
        "application/jwk-set+json");
}

/// <summary>A document exactly as it goes over the wire.</summary>
public sealed record ServedDocument(byte[] Body, string ContentType, int Status = 200)
{
    internal Task ServeAsync(HttpContext context)
    {
        // As go-restful matches: each range without its parameters, and only */* or the very type. A document of any other type stands
        // for something in between that answers, and that does not negotiate.
        var accept = context.Request.Headers.Accept.ToString();
        if (accept.Length > 0
            && ContentType is "application/json" or "application/jwk-set+json"
            && !accept.Split(',').Select(static range => range.Split(';')[0].Trim()).Any(range => range == "*/*" || range == ContentType))
        {
            return context.StatusAsync(new ApiStatus(406, "NotAcceptable", $"406: Not Acceptable\n\nAvailable representations: {ContentType}", []));
        }

        context.Response.Headers.CacheControl = "public, max-age=3600";
        return context.BytesAsync(Body, ContentType, Status);
    }
}
