namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>Speaks to a vault of its own without the SDK, to see the bare answers.</summary>
internal sealed class VaultClient(LoopbackAzure azure, string apiVersion = "7.6", VaultOptions? options = null)
{
    private string? _token = azure.Entra.IssueToken(azure.Application);

    public Vault Vault { get; } = azure.NewVault(options);

    public EntraServer Entra => azure.Entra;

    /// <summary>Sends another access token from now on; null sends none.</summary>
    public VaultClient As(string? token)
    {
        _token = token;
        return this;
    }

    public VaultClient With(Func<VaultOptions, VaultOptions> change)
    {
        Vault.Options = change(Vault.Options);
        return this;
    }

    public VaultClient WithoutRights()
    {
        Vault.Revoke(azure.Application.ObjectId);
        return this;
    }

    public Task<Answer> GetAsync(string path) => SendAsync("GET", path);

    public Task<Answer> ImportAsync(string name, JsonObject body) => SendAsync("POST", $"/certificates/{name}/import", body);

    public Task<Answer> SendAsync(string method, string path, JsonObject? body = null)
    {
        var address = path.Contains('?', StringComparison.Ordinal) ? path : $"{path}?api-version={apiVersion}";
        return Answer.ToAsync(azure.Client, method, new Uri($"https://{Vault.Host}{address}"), _token, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()));
    }
}
