using System.Collections.Concurrent;
using ClusterTrust.Sandbox.Entra;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>
/// Stands in for Azure Key Vault's certificates: one server for any number of vaults, told apart by host name. It takes only
/// access tokens that the sandbox's Entra issued.
/// </summary>
/// <param name="authority">Issues the TLS certificate.</param>
/// <param name="entra">Signs the tokens it believes.</param>
/// <param name="clock">The server's time; the system's when null.</param>
public sealed class KeyVaultServer(CertificateAuthority authority, EntraServer entra, TimeProvider? clock = null)
    : SandboxServer(authority, "*.vault.azure.net", "*.vault.usgovcloudapi.net", "*.vault.azure.cn")
{
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly CertificateEndpoints endpoints = new(clock ?? TimeProvider.System);
    private readonly ConcurrentDictionary<string, Vault> vaults = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes an empty vault.</summary>
    /// <param name="name">3 to 24 letters, digits and hyphens.</param>
    /// <param name="tenantId">The tenant whose tokens it takes.</param>
    /// <param name="options">How it behaves.</param>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    public Vault CreateVault(string name, string tenantId, VaultOptions? options = null)
    {
        var vault = new Vault(name, tenantId, options ?? new VaultOptions(), clock);
        return vaults.TryAdd(vault.Host, vault) ? vault : throw new InvalidOperationException($"There is a vault {vault.Host} already.");
    }

    /// <returns>The vault of a host name, or of a bare name in the public cloud; null when there is none.</returns>
    public Vault? Find(string hostOrName) =>
        vaults.GetValueOrDefault(hostOrName.Contains('.', StringComparison.Ordinal) ? hostOrName : $"{hostOrName}.vault.azure.net");

    protected override async Task HandleAsync(HttpContext context)
    {
        if (Find(context.Request.Host.Host) is not { } vault)
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return;
        }

        VaultAnswer.AddHeaders(context.Response, vault);
        try
        {
            var body = await AnswerAsync(context, vault);
            await VaultAnswer.WriteAsync(context, body);
        }
        catch (VaultErrorException refusal)
        {
            await VaultAnswer.WriteErrorAsync(context, vault, refusal.Error);
        }
    }

    protected override Task WriteFaultAsync(HttpContext context, Fault.Status fault)
    {
        if (fault.Body is not null || Find(context.Request.Host.Host) is not { } vault)
        {
            return base.WriteFaultAsync(context, fault);
        }

        VaultAnswer.AddHeaders(context.Response, vault);
        return VaultAnswer.WriteErrorAsync(context, vault, fault.Code switch
        {
            429 => VaultErrors.Throttled().Error,
            503 => new VaultError(503, "ServiceUnavailable", "The service is unavailable."),
            _ => new VaultError(fault.Code, fault.Code == 500 ? "InternalServerError" : "InternalError", "An internal error occurred. Please try again."),
        });
    }

    private async Task<System.Text.Json.Nodes.JsonObject> AnswerAsync(HttpContext context, Vault vault)
    {
        var caller = Authenticate(context, vault);
        if (vault.Options.FirewallClosed)
        {
            throw VaultErrors.Firewall(vault, caller);
        }

        var version = context.Request.Query["api-version"].ToString();
        var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        Throttle(context, vault, path is ["certificates", _, "import"]);
        return await endpoints.AnswerAsync(new VaultRequest(vault, caller, context, version), path);
    }

    private VaultCaller Authenticate(HttpContext context, Vault vault)
    {
        const string scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw VaultErrors.Unauthorized("AKV10000: Request is missing a Bearer or PoP token.");
        }

        var token = entra.Validate(header[scheme.Length..])
            ?? throw VaultErrors.Unauthorized("AKV10046: Unable to resolve the key used for signature validation, or the token has expired.");
        var expected = VaultAnswer.Resource(vault);
        if (!string.Equals(token.Audience.TrimEnd('/'), expected, StringComparison.OrdinalIgnoreCase))
        {
            throw VaultErrors.Unauthorized($"AKV10022: Invalid audience. Expected {expected}, found: {token.Audience}.");
        }

        return string.Equals(token.TenantId, vault.TenantId, StringComparison.OrdinalIgnoreCase)
            ? new VaultCaller(token)
            : throw VaultErrors.Unauthorized($"AKV10032: Invalid issuer. Expected one of https://sts.windows.net/{vault.TenantId}/, found {token.Issuer}.");
    }

    private void Throttle(HttpContext context, Vault vault, bool import)
    {
        var limits = vault.Options.Throttle;
        var accepted = import ? vault.Imports.Accepts(limits.Imports, clock.GetUtcNow()) : vault.Others.Accepts(limits.Others, clock.GetUtcNow());
        if (accepted)
        {
            return;
        }

        throw VaultErrors.Throttled();
    }
}
