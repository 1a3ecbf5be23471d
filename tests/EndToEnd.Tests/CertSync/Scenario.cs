using System.Globalization;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>One test's own namespace, vault and lease in the sandbox of its class, and runs of the binary that see nothing else.</summary>
internal sealed class Scenario
{
    private readonly SyncFixture fixture;

    public Scenario(SyncFixture fixture, int number, VaultOptionsChange? change)
    {
        this.fixture = fixture;
        Namespace = Sandbox.Kubernetes.NamespaceOf(string.Create(CultureInfo.InvariantCulture, $"shop-{number}"));
        Lease = string.Create(CultureInfo.InvariantCulture, $"lease-{number}");
        Vault = Sandbox.AddVault(string.Create(CultureInfo.InvariantCulture, $"vault-{number}"), change?.Invoke(new VaultOptions()));
        Sandbox.Kubernetes.AddNamespace(Namespace);
        Forget();
    }

    public SandboxCluster Sandbox => fixture.Cluster;

    public Vault Vault { get; }

    public string Namespace { get; }

    public string Lease { get; }

    /// <summary>Variables for every run.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Issues a certificate into a Secret of the namespace; renews it if there is one.</summary>
    public Issuance Issue(string name, Func<CertificateSpec, CertificateSpec>? change = null, DateTimeOffset? notBefore = null)
    {
        var spec = new CertificateSpec(Namespace, name);
        return Sandbox.Certificates.Issue(change?.Invoke(spec) ?? spec, notBefore);
    }

    /// <summary>The arguments of a run that sees this scenario's vault and lease alone.</summary>
    /// <param name="more">More arguments; what they set is not set twice.</param>
    public string[] Arguments(params string[] more)
    {
        (string Flag, string Value)[] usual =
        [
            ("--kubeconfig", Sandbox.Kubeconfig("certsync")), ("--vault", Vault.Name), ("--cluster", "blue"), ("--lease", Lease), ("--output", "json"),
        ];
        return [.. usual.Where(setting => !more.Contains(setting.Flag)).SelectMany(static setting => new[] { setting.Flag, setting.Value }), .. more];
    }

    public Task<SyncRun> SyncAsync(params string[] more) => RunAsync("sync", ["--namespace", Namespace, .. more]);

    public Task<SyncRun> PlanAsync(params string[] more) => RunAsync("plan", ["--namespace", Namespace, .. more]);

    /// <summary>Runs a command without restricting it to the namespace.</summary>
    public async Task<SyncRun> RunAsync(string command, params string[] more)
    {
        await using var job = Job();
        return new SyncRun(await job.RunAsync([command, .. Arguments(more)], timeout: TimeSpan.FromMinutes(10)));
    }

    /// <summary>The binary as it runs in its pod.</summary>
    public BinaryRunner Job()
    {
        var job = Sandbox.Job("certsync");
        foreach (var (name, value) in Environment)
        {
            job.Environment[name] = value;
        }

        return job;
    }

    /// <summary>Forgets the requests so far.</summary>
    public void Forget()
    {
        if (Sandbox.IsOwn)
        {
            Sandbox.ApiServer.ForgetRequests();
        }

        Sandbox.KeyVault.ForgetRequests();
    }

    /// <summary>Requests to the vault since the last <see cref="Forget"/>, without those that were answered with a challenge.</summary>
    public IReadOnlyList<string> VaultRequests => Shown(Sandbox.KeyVault.Requests.Where(static request => request.Status != 401));

    /// <summary>Requests for Secrets since the last <see cref="Forget"/>.</summary>
    public IReadOnlyList<string> SecretRequests => Shown(Sandbox.ApiServer.Requests.Where(static request => request.Path.Contains("/secrets", StringComparison.Ordinal)));

    public IReadOnlyDictionary<string, string> TagsOf(string name) => Vault.Find(name)!.Latest.Tags;

    public int VersionsOf(string name) => Vault.Find(name)!.Versions.Count;

    /// <summary>Whether the vault's newest version is this certificate.</summary>
    public void AssertHas(string name, Issuance issuance) =>
        Assert.Equal(issuance.Thumbprint, Vault.Find(name)?.Latest.Thumbprint, ignoreCase: true);

    private static IReadOnlyList<string> Shown(IEnumerable<RequestRecord> requests) =>
        [.. requests.Select(static request => $"{request.Method} {request.Path.Split('?')[0].TrimEnd('/')}")];
}
