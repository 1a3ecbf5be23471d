using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>The headers and bodies of Key Vault's answers.</summary>
internal static class VaultAnswer
{
    public const string Region = "westeurope";

    /// <summary>The resource of a vault's cloud: <c>https://</c> and the DNS suffix.</summary>
    public static string Resource(Vault vault) => $"https://{vault.Host[(vault.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}";

    public static void AddHeaders(HttpResponse response, Vault vault)
    {
        var headers = response.Headers;
        headers.CacheControl = "no-cache";
        headers.Pragma = "no-cache";
        headers.Expires = "-1";
        headers.StrictTransportSecurity = "max-age=31536000;includeSubDomains";
        headers.XContentTypeOptions = "nosniff";
        headers["x-ms-keyvault-network-info"] = "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;";
        headers["x-ms-keyvault-region"] = Region;
        headers["x-ms-keyvault-service-version"] = "1.9.1272.1";
        headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        if (vault.Options.PermissionModel == PermissionModel.Rbac)
        {
            headers["x-ms-keyvault-rbac-assignment-id"] = vault.Subscription.Replace("-", "", StringComparison.Ordinal);
        }
    }

    public static Task WriteAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString(VaultJson.Relaxed), context.RequestAborted);
    }

    public static Task WriteErrorAsync(HttpContext context, Vault vault, VaultError error)
    {
        context.Response.StatusCode = error.Status;
        context.Response.Headers.Remove("x-ms-keyvault-rbac-assignment-id");
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = $"Bearer authorization=\"{Authority(vault)}/{vault.TenantId}\", resource=\"{Resource(vault)}\"";
        }

        return WriteAsync(context, error.ToJson());
    }

    private static string Authority(Vault vault) => Resource(vault) switch
    {
        "https://vault.usgovcloudapi.net" => "https://login.microsoftonline.us",
        "https://vault.azure.cn" => "https://login.chinacloudapi.cn",
        _ => "https://login.microsoftonline.com",
    };
}
