namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>A started API server and a client that trusts its CA alone.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly HttpClient _client = new(new HostRoutes().CreateHandler(CertificateAuthority.OfProcess));

    private Cluster(ApiServerOptions options) => Server = new KubeApiServer(CertificateAuthority.OfProcess, options);

    public KubeApiServer Server { get; }

    public static async Task<Cluster> StartAsync(ApiServerOptions options)
    {
        var cluster = new Cluster(options);
        await cluster.Server.StartAsync();
        return cluster;
    }

    /// <summary>Sends one request; the admin's unless another token is given. An empty token sends none.</summary>
    public Task<Answer> SendAsync(string method, string path, byte[]? body = null, string? token = null, string? accept = null, string contentType = "application/json") =>
        Answer.ToAsync(_client, method, new Uri(Server.LoopbackAddress, path), token ?? Server.AdminToken, body, contentType, accept);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
    }
}
