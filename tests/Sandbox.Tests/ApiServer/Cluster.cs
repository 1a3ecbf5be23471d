namespace ClusterTrust.Sandbox.Tests.ApiServer;

/// <summary>A started API server and a client that trusts its CA alone.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly HttpClient _client = new(new HostRoutes().CreateHandler(CertificateAuthority.OfProcess));

    private Cluster(ApiServerOptions options) => Server = new KubeApiServer(CertificateAuthority.OfProcess, options);

    public KubeApiServer Server { get; }

    public ClusterState State => Server.State;

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
        _client.Dispose();
        await Server.DisposeAsync();
    }

    private Task<Answer> SendAsync(string method, string path, byte[]? body, string? token, string? accept, string contentType) =>
        Answer.ToAsync(_client, method, new Uri(Server.LoopbackAddress, path), token ?? Server.AdminToken, body, contentType, accept);
}

/// <summary>A test with a cluster of its own, whose namespace demo has the ServiceAccount job.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    private protected Cluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await Cluster.StartAsync();
        Cluster.State.AddServiceAccount("demo", "job");
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
