namespace ClusterTrust.Sandbox.Entra;

/// <summary>A valid access token's content.</summary>
/// <param name="TenantId"><c>tid</c>.</param>
/// <param name="ClientId"><c>appid</c>.</param>
/// <param name="ObjectId"><c>oid</c>.</param>
/// <param name="Audience"><c>aud</c>, such as <c>https://vault.azure.net</c>.</param>
/// <param name="ExpiresAt"><c>exp</c>.</param>
public sealed record AccessToken(string TenantId, string ClientId, string ObjectId, string Audience, DateTimeOffset ExpiresAt)
{
    /// <summary><c>iss</c> as in the tokens of the v1 endpoint, which Key Vault gets.</summary>
    public string Issuer => $"https://sts.windows.net/{TenantId}/";
}
