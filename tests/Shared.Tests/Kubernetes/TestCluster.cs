using ClusterTrust.Kubernetes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>An API server on loopback and a pod's view of it: variables, ServiceAccount volume, home folder.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const string Token = "first-token";

    private readonly Dictionary<string, string> variables = [];

    private TestCluster(string[] names) => Server = new RecordedApiServer(Authority, names);

    public CertificateAuthority Authority { get; } = new("cluster CA");

    public RecordedApiServer Server { get; }

    public QuickClock Clock { get; } = new();

    /// <summary>A folder of its own, removed afterwards.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("clustertrust-").FullName;

    public KubernetesEnvironment Environment => new(variables.GetValueOrDefault, Path.Combine(Folder, "serviceaccount"), Folder);

    /// <summary>Without its API server, for what is decided before anything is sent.</summary>
    public static TestCluster Silent() => new([]);

    public static async Task<TestCluster> StartAsync(params string[] names)
    {
        var cluster = new TestCluster(names);
        await cluster.Server.StartAsync();
        return cluster;
    }

    /// <summary>What kubelet does for a pod.</summary>
    public TestCluster InPod(string? token = Token, string? authority = null)
    {
        variables["KUBERNETES_SERVICE_HOST"] = "127.0.0.1";
        variables["KUBERNETES_SERVICE_PORT"] = $"{Server.Port}";
        Directory.CreateDirectory(Environment.ServiceAccountFolder);
        Write("serviceaccount/ca.crt", authority ?? Authority.CertificatePem);
        Write("serviceaccount/namespace", "demo");
        if (token is not null)
        {
            Write("serviceaccount/token", token + "\n");
        }

        return this;
    }

    public void Set(string variable, string value) => variables[variable] = value;

    /// <summary>Writes a file below <see cref="Folder"/>.</summary>
    public string Write(string path, string text)
    {
        var full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    public KubernetesConnection Open(KubernetesOptions? options = null, TimeProvider? clock = null) =>
        KubernetesConnection.Open(options ?? new KubernetesOptions(), clock ?? Clock, null, Environment);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
