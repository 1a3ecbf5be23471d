namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>
/// Emulates Azure Key Vault's certificates: one server for any number of vaults, distinguished by host name. It accepts only
/// access tokens that the sandbox's Entra issued.
/// </summary>
public sealed class KeyVaultServer(CertificateAuthority authority, EntraServer entra, TimeProvider? clock = null)
    : SandboxServer(authority, "*.vault.azure.net", "*.vault.usgovcloudapi.net", "*.vault.azure.cn")
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, Vault> _vaults = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes an empty vault.</summary>
    /// <param name="name">3 to 24 letters, digits and hyphens.</param>
    public Vault CreateVault(string name, string tenantId, VaultOptions? options = null)
    {
        var vault = new Vault(name, tenantId, options ?? new VaultOptions(), _clock);
        return _vaults.TryAdd(vault.Host, vault) ? vault : throw new InvalidOperationException($"There is a vault {vault.Host} already.");
    }

    /// <returns>The vault of a host name, or of a bare name in the public cloud; null when there is none.</returns>
    public Vault? Find(string hostOrName) =>
        _vaults.GetValueOrDefault(hostOrName.Contains('.', StringComparison.Ordinal) ? hostOrName : $"{hostOrName}.vault.azure.net");

    protected override async Task HandleAsync(HttpContext context)
    {
        if (Find(context.Request.Host.Host) is not { } vault)
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return;
        }

        var caller = Authenticate(context, vault);
        if (vault.Options.FirewallClosed)
        {
            throw VaultErrors.Firewall(vault, caller);
        }

        var (path, now, limits) = (context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries), _clock.GetUtcNow(), vault.Options.Throttle);
        var accepted = path is ["certificates", _, "import"] ? vault.Imports.Accepts(limits.Imports, now) : vault.Others.Accepts(limits.Others, now);
        await context.JsonAsync(accepted ? await new CertificateEndpoints(vault, caller, context, now).AnswerAsync(path) : throw VaultErrors.Throttled());
    }

    protected override Task WriteFaultAsync(HttpContext context, int code) => RefuseAsync(context, code switch
    {
        429 => VaultErrors.Throttled(),
        503 => new VaultError(503, "ServiceUnavailable", "The service is unavailable."),
        _ => new VaultError(code, code == 500 ? "InternalServerError" : "InternalError", "An internal error occurred. Please try again."),
    });

    private protected override Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        context.Response.Headers.Remove("x-ms-keyvault-rbac-assignment-id");
        if (refusal.Status == StatusCodes.Status401Unauthorized && Find(context.Request.Host.Host) is { } vault)
        {
            context.Response.Headers.WWWAuthenticate = $"Bearer authorization=\"{Authority(vault)}/{vault.TenantId}\", resource=\"{vault.Resource}\"";
        }

        return base.RefuseAsync(context, refusal);
    }

    private AccessToken Authenticate(HttpContext context, Vault vault)
    {
        const string scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw VaultErrors.Unauthorized("AKV10000: Request is missing a Bearer or PoP token.");
        }

        var token = entra.Validate(header[scheme.Length..])
            ?? throw VaultErrors.Unauthorized("AKV10046: Unable to resolve the key used for signature validation, or the token has expired.");
        if (!string.Equals(token.Audience.TrimEnd('/'), vault.Resource, StringComparison.OrdinalIgnoreCase))
        {
            throw VaultErrors.Unauthorized($"AKV10022: Invalid audience. Expected {vault.Resource}, found: {token.Audience}.");
        }

        return string.Equals(token.Application.TenantId, vault.TenantId, StringComparison.OrdinalIgnoreCase)
            ? token
            : throw VaultErrors.Unauthorized($"AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{vault.TenantId}/, found {token.Issuer}.");
    }

    protected override void AddHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.Pragma = "no-cache";
        headers.Expires = "-1";
        headers.StrictTransportSecurity = "max-age=31536000;includeSubDomains";
        headers.XContentTypeOptions = "nosniff";
        headers["x-ms-keyvault-network-info"] = "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;";
        headers["x-ms-keyvault-region"] = VaultErrors.Region;
        headers["x-ms-keyvault-service-version"] = "1.9.1272.1";
        headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        if (Find(context.Request.Host.Host) is { Options.PermissionModel: PermissionModel.Rbac } vault)
        {
            headers["x-ms-keyvault-rbac-assignment-id"] = vault.Subscription.Replace("-", "", StringComparison.Ordinal);
        }
    }

    private static string Authority(Vault vault) => vault.Resource switch
    {
        "https://vault.usgovcloudapi.net" => "https://login.microsoftonline.us",
        "https://vault.azure.cn" => "https://login.chinacloudapi.cn",
        _ => "https://login.microsoftonline.com",
    };
}
