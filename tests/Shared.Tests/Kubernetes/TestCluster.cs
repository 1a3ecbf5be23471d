using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Shared.Tests.Kubernetes;

/// <summary>A test with an API server of its own.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    private protected TestCluster Cluster { get; } = new();

    public virtual Task InitializeAsync() => Cluster.Server.StartAsync();

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();
}

/// <summary>An API server on loopback and the environment of a pod: variables, ServiceAccount volume, home folder.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public const string Token = "first-token";

    private readonly Dictionary<string, string> _variables = new() { ["PATH"] = System.Environment.GetEnvironmentVariable("PATH")! };
    private readonly List<KubernetesConnection> _connections = [];
    private readonly TemporaryFolder _folder = new();

    public TestCluster()
    {
        Server = new KubeApiServer(Authority, new ApiServerOptions { SigningAlgorithm = SigningAlgorithm.ES256 }) { RequestsClientCertificates = true, OnRequest = KeepAsync };
        Server.AdminToken = Token;
        Server.State.AddServiceAccount("demo", "job");
    }

    public CertificateAuthority Authority { get; } = new("cluster CA");

    public KubeApiServer Server { get; }

    /// <summary>The bodies of the requests, in order.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>The subjects of the client certificates of the requests that had one, in order.</summary>
    public ConcurrentQueue<string> Subjects { get; } = new();

    public QuickClock Clock { get; } = new();

    public string Folder => _folder.Path;

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

    /// <summary>Makes the API server return the same response to every request.</summary>
    public void Answers(int status, string body, string contentType = "application/json") =>
        Server.Faults.Always(new Fault.Status(status, Body: body, ContentType: contentType));

    /// <summary>Writes a kubeconfig with one context.</summary>
    /// <param name="user">The user's entries in YAML's flow style.</param>
    /// <param name="more">More entries of the cluster, each with a comma after it.</param>
    public string WriteKubeconfig(string user, string more = "", string path = "config")
    {
        var trust = more.Contains("certificate-authority", StringComparison.Ordinal) ? "" : $"certificate-authority-data: {Base64(Authority.CertificatePem)},";
        return Write(path, $$"""
            apiVersion: v1
            kind: Config
            current-context: main
            contexts:
            - name: main
              context: {cluster: here, user: admin, namespace: team-a}
            clusters:
            - name: here
              cluster: { {{trust}} {{more}} server: "{{Server.LoopbackAddress}}" }
            users:
            - name: admin
              user: { {{user}} }
            """);
    }

    /// <summary>Opens a connection by a kubeconfig with one context.</summary>
    /// <inheritdoc cref="WriteKubeconfig"/>
    public KubernetesConnection OpenKubeconfig(string user, string more = "", string path = "config") =>
        Open(new KubernetesOptions { KubeconfigPath = WriteKubeconfig(user, more, path) });

    /// <summary>A kubeconfig cannot be used, and nothing of a secret in it is shown.</summary>
    /// <param name="part">A part of the sentence.</param>
    public void RefusesKubeconfig(string file, string part)
    {
        var fault = Assert.Fault(ExitCode.Usage, part, () =>
            Open(new KubernetesOptions { KubeconfigPath = file }).CurrentTokenAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult());
        Assert.DoesNotContain("two words", fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
    }

    /// <summary>What a credential plugin prints.</summary>
    /// <param name="status">The credential, in JSON.</param>
    public static string ExecCredential(string status, string version = "v1beta1") =>
        $$"""{"apiVersion":"client.authentication.k8s.io/{{version}}","kind":"ExecCredential","status":{{status}}}""";

    /// <summary>A client certificate in PEM, and its key.</summary>
    public static (string Certificate, ECDsa Key) ClientCertificate(string user)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={user}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (certificate.ExportCertificatePem(), key);
    }

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public void Set(string variable, string value) => _variables[variable] = value;

    public string Write(string path, string text, UnixFileMode? mode = null) => _folder.Write(path, text, mode);

    /// <summary>Opens a connection, which is disposed of with the cluster.</summary>
    public KubernetesConnection Open(KubernetesOptions? options = null, TimeProvider? clock = null)
    {
        _connections.Add(KubernetesConnection.Open(options ?? new KubernetesOptions(), Environment, clock ?? Clock));
        return _connections[^1];
    }

    public async ValueTask DisposeAsync()
    {
        _connections.ForEach(static connection => connection.Dispose());
        await Server.DisposeAsync();
        Authority.Dispose();
        _folder.Dispose();
    }

    private async Task KeepAsync(HttpContext context)
    {
        context.Request.EnableBuffering();
        Bodies.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
        context.Request.Body.Position = 0;
        if (context.Connection.ClientCertificate is { } client)
        {
            Subjects.Enqueue(client.Subject);
        }
    }
}
