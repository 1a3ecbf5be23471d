using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.Entra;

/// <summary>The documents that sign-in libraries may ask for before a token.</summary>
internal static class EntraMetadata
{
    /// <summary>The authorities of the public cloud, US Government and China.</summary>
    public static IReadOnlyList<string> Hosts { get; } =
    [
        "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
        "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
    ];

    public static JsonObject InstanceDiscovery(HttpRequest request) => new()
    {
        ["tenant_discovery_endpoint"] = request.Query["authorization_endpoint"].ToString()
            .Replace("/oauth2/v2.0/authorize", "/v2.0/.well-known/openid-configuration", StringComparison.Ordinal),
        ["api-version"] = "1.1",
        ["metadata"] = new JsonArray(
            Cloud("login.microsoftonline.com", "login.windows.net", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
            Cloud("login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn"),
            Cloud("login.microsoftonline.us", "login.microsoftonline.us", "login.usgovcloudapi.net")),
    };

    public static JsonObject OpenIdConfiguration(string host, string tenant) => new()
    {
        ["token_endpoint"] = $"https://{host}/{tenant}/oauth2/v2.0/token",
        ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "private_key_jwt"),
        ["jwks_uri"] = $"https://{host}/{tenant}/discovery/v2.0/keys",
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
        ["response_types_supported"] = new JsonArray("code", "id_token"),
        ["subject_types_supported"] = new JsonArray("pairwise"),
        ["issuer"] = $"https://{host}/{tenant}/v2.0",
        ["authorization_endpoint"] = $"https://{host}/{tenant}/oauth2/v2.0/authorize",
    };

    private static JsonObject Cloud(string network, string cache, params string[] aliases) => new()
    {
        ["preferred_network"] = network,
        ["preferred_cache"] = cache,
        ["aliases"] = new JsonArray([network, .. aliases.Where(alias => alias != network)]),
    };
}
