namespace ClusterTrust.CertSync.Tests.Cluster;

/// <summary>A class of tests with an API server of its own for each test, and connections to it.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    private readonly List<KubernetesConnection> _connections = [];

    protected ClusterTest() => Server = new KubeApiServer(Authority);

    private CertificateAuthority Authority { get; } = new();

    private TemporaryFolder Folder { get; } = new("certsync-cluster-");

    protected KubeApiServer Server { get; }

    protected IEnumerable<string> Paths => Server.Requests.Select(static request => request.Path);

    public virtual Task InitializeAsync() => Server.StartAsync();

    public async Task DisposeAsync()
    {
        _connections.ForEach(static connection => connection.Dispose());
        await Server.DisposeAsync();
        Authority.Dispose();
        Folder.Dispose();
    }

    /// <summary>A connection as the admin, or as a ServiceAccount that may do only what it was granted.</summary>
    private protected KubernetesConnection Connect(string? token = null, int attempts = 2, TimeProvider? clock = null)
    {
        var kubeconfig = Folder.Combine($"{_connections.Count}.yaml");
        Server.WriteKubeconfig(kubeconfig, token);
        _connections.Add(KubernetesConnection.Open(new KubernetesOptions { KubeconfigPath = kubeconfig, Attempts = attempts }, KubernetesEnvironment.Of(static _ => null), clock));
        return _connections[^1];
    }

    private protected KubernetesConnection ConnectFor(params string[] namespaces)
    {
        var token = Server.IssueToken("jobs", "certsync");
        Array.ForEach(namespaces, name => Server.Rbac.Grant(Subject.ServiceAccount("jobs", "certsync"), name, PolicyRule.For("", "secrets", "get", "list")));
        return Connect(token);
    }

    /// <summary>Answers every request with this instead.</summary>
    protected void Answer(Func<byte[]> body) => Server.Instead = async context =>
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(body());
        return true;
    };

    protected void Put(string ns, string name, string type = "kubernetes.io/tls", params (string Key, string Value)[] annotations) => Server.State.PutSecret(
        ns,
        name,
        [KeyValuePair.Create("tls.crt", "certificate"u8.ToArray()), KeyValuePair.Create("tls.key", "key"u8.ToArray())],
        type,
        annotations: annotations.Select(static entry => KeyValuePair.Create(entry.Key, entry.Value)));
}
