using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>A started API server and a client that trusts its CA alone.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly CertificateAuthority authority = new();
    private readonly HttpClient client;

    private Cluster(ApiServerOptions options)
    {
        Server = new KubeApiServer(authority, options);
        var roots = X509Certificate2.CreateFromPem(authority.CertificatePem);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { roots },
        };
        client = new HttpClient(handler);
    }

    public KubeApiServer Server { get; }

    /// <summary>Starts a cluster; without options it signs with ES256, whose keys are made at once.</summary>
    public static async Task<Cluster> StartAsync(ApiServerOptions? options = null)
    {
        var cluster = new Cluster(options ?? new ApiServerOptions { SigningAlgorithm = SigningAlgorithm.ES256 });
        await cluster.Server.StartAsync();
        return cluster;
    }

    /// <summary>Sends one request; the admin's unless another token is given. An empty token sends none.</summary>
    public Task<Answer> SendAsync(
        string method, string path, JsonNode? body = null, string? token = null, string? accept = null, string contentType = "application/json") =>
        SendAsync(method, path, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()), token, accept, contentType);

    /// <summary>Posts bytes as the admin.</summary>
    public Task<Answer> SendBytesAsync(string path, byte[] body, string contentType) => SendAsync("POST", path, body, null, null, contentType);

    public Task<Answer> GetAsync(string path, string? token = null, string? accept = null) => SendAsync("GET", path, null, token, accept);

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Server.DisposeAsync();
        authority.Dispose();
    }

    private async Task<Answer> SendAsync(string method, string path, byte[]? body, string? token, string? accept, string contentType)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Server.LoopbackAddress, path));
        if (token != "")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Server.AdminToken);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        using var response = await client.SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, headers, await response.Content.ReadAsStringAsync());
    }
}
