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

    private static JsonObject Cloud(string network, string cache, params string[] aliases) => new()
    {
        ["preferred_network"] = network,
        ["preferred_cache"] = cache,
        ["aliases"] = new JsonArray([network, .. aliases.Where(alias => alias != network)]),
    };
}
