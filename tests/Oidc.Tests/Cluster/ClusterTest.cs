namespace ClusterTrust.Oidc.Tests.Cluster;

/// <summary>An API server, and a kubeconfig for it.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    private protected TemporaryFolder Folder { get; } = new();

    private protected CertificateAuthority Authority { get; } = new();

    private protected KubeApiServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = new KubeApiServer(Authority);
        await Server.StartAsync();
        Server.State.AddServiceAccount("default", "default");
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
        Folder.Dispose();
    }

    /// <param name="token">A bearer token; null for a cluster administrator's.</param>
    private protected async Task<T> ConnectAsync<T>(Func<KubernetesConnection, Task<T>> work, string? token = null)
    {
        Server.WriteKubeconfig(Folder.Combine("kubeconfig"), token);
        using var connection = KubernetesConnection.Open(new KubernetesOptions { KubeconfigPath = Folder.Combine("kubeconfig") }, KubernetesEnvironment.Of(static _ => null));
        return await work(connection);
    }

    /// <summary>Answers every request with this JSON.</summary>
    private protected static Func<HttpContext, Task<bool>> Answering(byte[] json) => async context =>
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(json);
        return true;
    };
}
