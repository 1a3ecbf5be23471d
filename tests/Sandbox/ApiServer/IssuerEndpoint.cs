namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The issuer's two public documents, made from the keys as they are.</summary>
public sealed class IssuerEndpoint(ServiceAccountKeys keys, ApiServerOptions options)
{
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    public const string JwksPath = "/openid/v1/jwks";

    /// <summary>The issuer, to the character; changing it changes new tokens and the discovery document.</summary>
    public string Issuer { get; set; } = options.Issuer;

    /// <summary>The discovery document's <c>jwks_uri</c>; null means the issuer followed by <see cref="JwksPath"/>, as a cluster that publishes its issuer is set up.</summary>
    public string? JwksUri { get; set; }

    public byte[] Discovery => JsonText.Bytes(new JsonObject
    {
        ["issuer"] = Issuer,
        ["jwks_uri"] = JwksUri ?? Issuer.TrimEnd('/') + JwksPath,
        ["response_types_supported"] = JsonText.Array(["id_token"]),
        ["subject_types_supported"] = JsonText.Array(["public"]),
        ["id_token_signing_alg_values_supported"] = JsonText.Array(keys.Published.Select(static key => key.Algorithm.ToString()).Distinct()),
    });

    public byte[] Jwks => JsonText.Bytes(new JsonObject { ["keys"] = new JsonArray([.. keys.Published.Select(static key => key.ToJwk())]) });

    internal static Task ServeAsync(HttpContext context, byte[] document, string contentType)
    {
        // As go-restful matches: each range without its parameters, and only */* or the very type.
        if (context.Request.GetTypedHeaders().Accept is { Count: > 0 } ranges && !ranges.Any(range => range.MediaType == "*/*" || range.MediaType == contentType))
        {
            throw new ApiStatus(406, "NotAcceptable", $"406: Not Acceptable\n\nAvailable representations: {contentType}", []);
        }

        context.Response.Headers.CacheControl = "public, max-age=3600";
        return context.BytesAsync(document, contentType);
    }
}
