namespace ClusterTrust.Sandbox;

/// <summary>Runs the jobs' binaries against a <see cref="SandboxCluster"/>.</summary>
public static class SandboxJobs
{
    /// <summary>The environment that leads a job's real host names to the sandbox, and nothing else.</summary>
    public static Dictionary<string, string> Environment(this SandboxCluster cluster) => new()
    {
        ["HTTPS_PROXY"] = cluster.Proxy.Address,
        ["NO_PROXY"] = string.Join(',', new[] { "127.0.0.1", "localhost", cluster.Kubernetes.DirectHost }.Distinct()),
        ["SSL_CERT_FILE"] = cluster.CaFile,
        ["AZURE_TENANT_ID"] = SandboxCluster.TenantId,
        ["AZURE_CLIENT_ID"] = cluster.Identity.ClientId,
        ["AZURE_FEDERATED_TOKEN_FILE"] = cluster.FederatedTokenFile,
        ["AZURE_AUTHORITY_HOST"] = "https://login.microsoftonline.com/",
    };

    /// <summary>A job as it runs in its pod. Dispose of it after use.</summary>
    public static BinaryRunner Job(this SandboxCluster cluster, string job) =>
        new(Binaries.Find(job)) { AlwaysStarts = cluster.JobsAreProcesses, Environment = cluster.Environment() };

    public static async Task<Output> RunAsync(
        this SandboxCluster cluster, string job, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var runner = cluster.Job(job);
        return await runner.RunAsync(arguments, environment);
    }

    /// <summary>Runs oidc with what it needs to know, and more arguments.</summary>
    /// <param name="more">More arguments; they take the place of those of the same flag.</param>
    public static Task<Output> OidcAsync(this SandboxCluster cluster, string command, params string[] more) =>
        cluster.RunAsync("oidc", [command, .. Merged(cluster.OidcArguments(command), more)]);

    public static Task<Output> CertSyncAsync(this SandboxCluster cluster, string command, params string[] more) =>
        cluster.RunAsync("certsync", [command, .. Merged(cluster.CertSyncArguments(), more)]);

    public static string[] OidcArguments(this SandboxCluster cluster, string command = "publish") => command is "publish" or "plan"
        ?
        [
            "--kubeconfig", cluster.Kubeconfig("oidc"), "--issuer", cluster.IssuerUrl,
            "--repository", cluster.Ssh.Url(cluster.SiteRepository), "--branch", "main",
            "--ssh-key", cluster.DeployKey.PrivateKeyPath, "--known-hosts", cluster.KnownHostsFile,
        ]
        : ["--kubeconfig", cluster.Kubeconfig("oidc"), "--issuer", cluster.IssuerUrl];

    /// <summary>The arguments that a run of certsync needs. Of a cluster that others use, too, it sees the sandbox's namespaces alone.</summary>
    public static string[] CertSyncArguments(this SandboxCluster cluster) =>
    [
        "--kubeconfig", cluster.Kubeconfig("certsync"), "--vault", SandboxCluster.VaultName, "--cluster", "sandbox",
        .. cluster.IsOwn ? (string[])[] : ["--namespace", cluster.Kubernetes.NamespaceOf("*")],
    ];

    /// <summary>Flags with a value each, without those that are given anew, and those.</summary>
    private static IEnumerable<string> Merged(string[] arguments, string[] more) =>
        arguments.Chunk(2).Where(pair => !more.Contains(pair[0])).SelectMany(pair => pair).Concat(more);
}
