using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>One authenticated request to one vault.</summary>
internal sealed record VaultRequest(Vault Vault, VaultCaller Caller, HttpContext Context, string ApiVersion)
{
    public VaultJson Json { get; } = new(Vault, ApiVersion);

    /// <exception cref="VaultErrorException">403: the caller has not been granted the right.</exception>
    public void Demand(Permission permission, string? name = null)
    {
        if (!Vault.Allows(Caller, permission.Right))
        {
            throw VaultErrors.Forbidden(Vault, Caller, permission, name);
        }
    }

    public async Task<JsonObject> ReadBodyAsync() =>
        (JsonObject)(await JsonNode.ParseAsync(Context.Request.Body, cancellationToken: Context.RequestAborted))!;
}
