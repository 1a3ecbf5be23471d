namespace ClusterTrust.CertSync.Tests.Cluster;

/// <summary>An API server of its own for a test, and connections to it.</summary>
public sealed class ClusterRig : IAsyncDisposable
{
    private readonly CertificateAuthority _authority = new();
    private readonly TemporaryFolder _folder = new("certsync-cluster-");
    private readonly List<KubernetesConnection> _connections = [];

    private ClusterRig() => Server = new KubeApiServer(_authority);

    public KubeApiServer Server { get; }

    public IEnumerable<string> Paths => Server.Requests.Select(static request => request.Path);

    /// <summary>A connection as the admin, or as a ServiceAccount that may do only what it was granted.</summary>
    internal KubernetesConnection Connect(string? token = null, int attempts = 2, TimeProvider? clock = null)
    {
        var kubeconfig = _folder.Combine($"{_connections.Count}.yaml");
        Server.WriteKubeconfig(kubeconfig, token);
        var connection = KubernetesConnection.Open(new KubernetesOptions { KubeconfigPath = kubeconfig, Attempts = attempts }, KubernetesEnvironment.Of(static _ => null), clock);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>A ServiceAccount that may list and read Secrets in some namespaces.</summary>
    internal KubernetesConnection ConnectFor(params string[] namespaces)
    {
        var token = Server.IssueToken("jobs", "certsync");
        foreach (var name in namespaces)
        {
            Server.Rbac.Grant(Subject.ServiceAccount("jobs", "certsync"), name, PolicyRule.For("", "secrets", "get", "list"));
        }

        return Connect(token);
    }

    public void Put(string home, string name, string type = "kubernetes.io/tls", params (string Key, string Value)[] annotations) => Server.State.PutSecret(
        home,
        name,
        [KeyValuePair.Create("tls.crt", "certificate"u8.ToArray()), KeyValuePair.Create("tls.key", "key"u8.ToArray())],
        type,
        annotations: annotations.Select(static entry => KeyValuePair.Create(entry.Key, entry.Value)));

    public static async Task<ClusterRig> StartAsync()
    {
        var rig = new ClusterRig();
        await rig.Server.StartAsync();
        return rig;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        await Server.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A class of tests with an API server of its own for each test.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    protected ClusterRig Rig { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Rig = await ClusterRig.StartAsync();

    public Task DisposeAsync() => Rig.DisposeAsync().AsTask();
}
