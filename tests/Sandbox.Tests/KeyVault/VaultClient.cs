namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>Speaks to a vault without the SDK, to see the bare answers.</summary>
internal sealed class VaultClient(LoopbackAzure azure, Vault vault, string apiVersion = "7.6", AppRegistration? caller = null)
{
    /// <summary>The access token sent; null sends none.</summary>
    public string? Token { get; set; } = azure.Entra.IssueToken(caller ?? azure.Application);

    public Task<Answer> GetAsync(string path) => SendAsync("GET", path);

    public Task<Answer> DeleteAsync(string path) => SendAsync("DELETE", path);

    public Task<Answer> PostAsync(string path, JsonObject? body = null) => SendAsync("POST", path, body ?? []);

    public Task<Answer> PatchAsync(string path, JsonObject body) => SendAsync("PATCH", path, body);

    public Task<Answer> ImportAsync(string name, JsonObject body) => PostAsync($"/certificates/{name}/import", body);

    public Task<Answer> ImportAsync(string name, string value) => ImportAsync(name, new JsonObject { ["value"] = value });

    private Task<Answer> SendAsync(string method, string path, JsonObject? body = null)
    {
        var address = path.Contains('?', StringComparison.Ordinal) ? path : $"{path}?api-version={apiVersion}";
        return Answer.ToAsync(azure.Client, method, new Uri($"https://{vault.Host}{address}"), Token, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()));
    }
}
