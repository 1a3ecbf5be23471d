using ClusterTrust.Kubernetes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A test with an API server of its own.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    private protected TestCluster Cluster { get; } = new();

    public virtual Task InitializeAsync() => Cluster.Server.StartAsync();

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();
}

/// <summary>An API server on loopback and a pod's view of it: variables, ServiceAccount volume, home folder.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const string Token = "first-token";

    private readonly Dictionary<string, string> _variables = new() { ["PATH"] = System.Environment.GetEnvironmentVariable("PATH")! };
    private readonly List<KubernetesConnection> _connections = [];

    public TestCluster() => Server = new RecordedApiServer(Authority);

    public CertificateAuthority Authority { get; } = new("cluster CA");

    public RecordedApiServer Server { get; }

    public QuickClock Clock { get; } = new();

    /// <summary>A folder of its own, removed afterwards.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("clustertrust-").FullName;

    public KubernetesEnvironment Environment => new(_variables.GetValueOrDefault, Path.Combine(Folder, "serviceaccount"), Folder);

    /// <summary>Sets what the kubelet sets for a pod.</summary>
    public TestCluster InPod(string? token = Token, string? authority = null)
    {
        Set("KUBERNETES_SERVICE_HOST", "127.0.0.1");
        Set("KUBERNETES_SERVICE_PORT", $"{Server.Port}");
        Write("serviceaccount/ca.crt", authority ?? Authority.CertificatePem);
        Write("serviceaccount/namespace", "demo");
        if (token is not null)
        {
            Write("serviceaccount/token", token + "\n");
        }

        return this;
    }

    /// <summary>Makes the API server replay these recordings.</summary>
    public TestCluster Knows(params string[] numbers)
    {
        Server.Recordings.AddRange(numbers.Select(Recording.Number));
        return this;
    }

    /// <summary>Makes the API server return the same response to every authenticated request.</summary>
    public TestCluster Answers(int status, string body, string contentType = "application/json")
    {
        Server.First = async (context, _) =>
        {
            await RecordedApiServer.AnswerAsync(context, status, body, contentType);
            return true;
        };
        return this;
    }

    public void Set(string variable, string value) => _variables[variable] = value;

    /// <summary>Writes a file below <see cref="Folder"/>.</summary>
    public string Write(string path, string text)
    {
        var full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    /// <summary>Opens a connection, which is disposed of with the cluster.</summary>
    public KubernetesConnection Open(KubernetesOptions? options = null, TimeProvider? clock = null)
    {
        _connections.Add(KubernetesConnection.Open(options ?? new KubernetesOptions(), clock ?? Clock, null, Environment));
        return _connections[^1];
    }

    public async ValueTask DisposeAsync()
    {
        _connections.ForEach(static connection => connection.Dispose());
        await Server.DisposeAsync();
        Authority.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
