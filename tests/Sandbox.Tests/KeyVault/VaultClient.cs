using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Entra;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Tests.Entra;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>Speaks to a vault without the SDK, to see the bare answers.</summary>
internal sealed class VaultClient(LoopbackAzure azure, Vault vault, string apiVersion = "7.6", AppRegistration? caller = null)
{
    /// <summary>The access token sent; null sends none.</summary>
    public string? Token { get; set; } = azure.Entra.IssueToken(caller ?? azure.Application);

    public Task<VaultReply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<VaultReply> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<VaultReply> PostAsync(string path, JsonObject? body = null) => SendAsync(HttpMethod.Post, path, body ?? []);

    public Task<VaultReply> PatchAsync(string path, JsonObject body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<VaultReply> ImportAsync(string name, JsonObject body) => PostAsync($"/certificates/{name}/import", body);

    public Task<VaultReply> ImportAsync(string name, string value) => ImportAsync(name, new JsonObject { ["value"] = value });

    /// <param name="method">The method.</param>
    /// <param name="path">Path, and query with its own api-version, or path alone.</param>
    /// <param name="body">The body or null.</param>
    public async Task<VaultReply> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        var address = path.Contains('?', StringComparison.Ordinal) ? path : $"{path}?api-version={apiVersion}";
        using var request = new HttpRequestMessage(method, $"https://{vault.Host}{address}");
        if (Token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await azure.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new VaultReply((int)response.StatusCode, headers, text.Length == 0 ? null : JsonNode.Parse(text)!.AsObject());
    }
}
