using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.Sandbox;

/// <summary>
/// A cluster and its surroundings on loopback, connected as in production: the API server's issuer is served by Pages from the repository,
/// Entra ID validates its tokens with what Pages serves, Key Vault accepts tokens of Entra ID. Dispose removes everything.
/// </summary>
public sealed class SandboxCluster : IAsyncDisposable
{
    /// <summary>The environment variable that names the kubeconfig of a cluster to use instead of the sandbox's own API server.</summary>
    public const string ClusterVariable = "SANDBOX_CLUSTER";

    /// <summary>The repository that serves the issuer of the sandbox's own API server.</summary>
    public const string RepositoryName = "example/cluster-a";

    /// <summary>The issuer of the sandbox's own API server, as GitHub Pages serves that repository.</summary>
    public const string Issuer = "https://example.github.io/cluster-a";

    public const string Namespace = "clustertrust";

    public const string TenantId = "5a1d0c0e-0000-4000-8000-00000000c1a5";

    public const string VaultName = "sandbox-vault";

    private readonly HttpClient _documents;
    private readonly TimeProvider _clock;
    private KubeApiServer? _apiServer;

    private SandboxCluster(TimeProvider clock)
    {
        this._clock = clock;
        Repositories = new GitRepositories();
        Ssh = new GitSshServer(Repositories);
        Https = new GitHttpsServer(Authority, Repositories);
        Pages = new PagesServer(Authority, clock);
        _documents = new HttpClient(Routes.CreateHandler(Authority));
        Entra = new EntraServer(Authority, _documents, clock);
        KeyVault = new KeyVaultServer(Authority, Entra, clock);
        Proxy = new ConnectProxy(Routes);
        foreach (var name in Entra.Names)
        {
            Routes.Add(name, Entra);
        }

        Routes.Add("github.com", Https);
    }

    public CertificateAuthority Authority { get; } = CertificateAuthority.OfProcess;

    public TemporaryFolder Folder { get; } = new("clustertrust-sandbox-");

    /// <summary>Whether every run of a job is a process: what is tested belongs to a whole process, such as its connections, metrics or environment.</summary>
    public bool JobsAreProcesses { get; set; }

    public HostRoutes Routes { get; } = new();

    public ICluster Kubernetes { get; private set; } = null!;

    /// <summary>Whether the cluster is the sandbox's own, so that <see cref="ApiServer"/> can be steered.</summary>
    public bool IsOwn => _apiServer is not null;

    /// <summary>The sandbox's own API server, to be steered.</summary>
    public KubeApiServer ApiServer => _apiServer
        ?? throw new InvalidOperationException($"This steers the API server, and {ClusterVariable} names another one: give the test the trait ApiServer=own.");

    public string IssuerUrl => Kubernetes.Issuer;

    public string SiteRepository { get; private set; } = RepositoryName;

    public string JobsNamespace => Kubernetes.NamespaceOf(Namespace);

    public CertificateController Certificates { get; private set; } = null!;

    public EntraServer Entra { get; }

    public KeyVaultServer KeyVault { get; }

    public Vault Vault { get; private set; } = null!;

    public GitRepositories Repositories { get; }

    public GitRepository Repository => Repositories[SiteRepository];

    public GitSshServer Ssh { get; }

    public GitHttpsServer Https { get; }

    public PagesServer Pages { get; }

    public ConnectProxy Proxy { get; }

    public SshKeyPair DeployKey { get; private set; } = null!;

    /// <summary>certsync's identity in Entra ID.</summary>
    public AppRegistration Identity { get; private set; } = null!;

    public string AdminKubeconfig { get; private set; } = "";

    /// <summary>The projected token of a ServiceAccount for Entra ID.</summary>
    public string FederatedTokenFile => Folder.Combine("azure-identity-token");

    public string KnownHostsFile => Folder.Combine("known_hosts");

    public string CaFile => Folder.Combine("ca.crt");

    /// <summary>Starts everything: an empty repository, an empty vault, and the jobs' ServiceAccounts with their least rights.</summary>
    /// <param name="clock">The time of the API server, Entra ID, Key Vault and Pages; the system's when null.</param>
    /// <param name="kubeconfig">The kubeconfig of a cluster to use; when null, the one that the environment names, or else the sandbox's own.</param>
    public static async Task<SandboxCluster> StartAsync(TimeProvider? clock = null, string? kubeconfig = null)
    {
        kubeconfig ??= Environment.GetEnvironmentVariable(ClusterVariable) is { Length: > 0 } given ? given : null;
        return await new SandboxCluster(clock ?? TimeProvider.System).StartedAsync(cluster => cluster.StartServersAsync(kubeconfig));
    }

    public string Kubeconfig(string serviceAccount) => Folder.Combine($"{serviceAccount}.kubeconfig");

    /// <summary>Makes another vault that certsync's identity may use, and leads its host name here.</summary>
    public Vault AddVault(string name, VaultOptions? options = null)
    {
        var vault = KeyVault.CreateVault(name, TenantId, options);
        vault.Grant(Identity.ClientId, VaultRights.CertificatesOfficer);
        Routes.Add(vault.Host, KeyVault);
        return vault;
    }

    /// <summary>Writes the ServiceAccounts' tokens anew, as the kubelet does: kubeconfigs and the token for Entra ID.</summary>
    public void RenewTokens(TimeSpan? lifetime = null)
    {
        Kubernetes.WriteKubeconfig(Kubeconfig("oidc"), Kubernetes.IssueToken(JobsNamespace, Kubernetes.AccountOf("oidc"), null, lifetime), JobsNamespace);
        Kubernetes.WriteKubeconfig(Kubeconfig("certsync"), Kubernetes.IssueToken(JobsNamespace, Kubernetes.AccountOf("certsync"), null, lifetime), JobsNamespace);
        Folder.Write("azure-identity-token", Kubernetes.IssueToken(JobsNamespace, Kubernetes.AccountOf("certsync"), ["api://AzureADTokenExchange"], lifetime));
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await KeyVault.DisposeAsync();
        await Entra.DisposeAsync();
        await Pages.DisposeAsync();
        await Https.DisposeAsync();
        await Ssh.DisposeAsync();
        _documents.Dispose();
        Repositories.Dispose();
        DeployKey?.Dispose();
        Folder.Dispose();

        // Last, because the cleanup of a cluster that is not the sandbox's own may fail.
        if (Kubernetes is not null)
        {
            await Kubernetes.DisposeAsync();
        }
    }

    private async Task<ICluster> StartClusterAsync(string? kubeconfig)
    {
        if (kubeconfig is not null)
        {
            AdminKubeconfig = Path.GetFullPath(kubeconfig);
            if (!File.Exists(AdminKubeconfig))
            {
                throw new InvalidOperationException($"There is no kubeconfig {AdminKubeconfig}: correct {ClusterVariable}.");
            }

            return _clock == TimeProvider.System
                ? await GivenCluster.OpenAsync(AdminKubeconfig, Namespace)
                : throw new InvalidOperationException($"This changes the API server's clock, and {ClusterVariable} names another one: give the test the trait ApiServer=own.");
        }

        Kubernetes = _apiServer = new KubeApiServer(Authority, new ApiServerOptions { Issuer = Issuer, Clock = _clock });
        await _apiServer.StartAsync();
        _apiServer.State.AddNamespace(Namespace);
        var certSync = Subject.ServiceAccount(Namespace, "certsync");
        _apiServer.Rbac.Grant(certSync, null, PolicyRule.For("", "secrets", "list", "get"));
        _apiServer.Rbac.Grant(certSync, Namespace, PolicyRule.For("coordination.k8s.io", "leases", "get", "create", "update"));
        AdminKubeconfig = Folder.Combine("admin.kubeconfig");
        _apiServer.WriteKubeconfig(AdminKubeconfig);
        return _apiServer;
    }

    private async Task StartServersAsync(string? kubeconfig)
    {
        Folder.Write("ca.crt", Authority.CertificatePem);
        Kubernetes = await StartClusterAsync(kubeconfig);
        Certificates = new CertificateController(Kubernetes);
        SiteRepository = PagesServer.RepositoryOf(IssuerUrl);
        Routes.Add(new Uri(IssuerUrl).Host, Pages);
        var repository = await Repositories.CreateAsync(SiteRepository);
        await Task.WhenAll(
            Entra.StartAsync(),
            KeyVault.StartAsync(),
            Https.StartAsync(),
            Pages.StartAsync(),
            Ssh.StartAsync());
        Pages.AddSite(SiteRepository, repository);
        DeployKey = await SshKeyPair.OfProcessAsync();
        Ssh.AddDeployKey(DeployKey);
        Folder.Write("known_hosts", Ssh.KnownHosts());

        Identity = Entra.AddApplication(TenantId);
        Entra.AddFederatedCredential(Identity.ClientId, IssuerUrl, $"system:serviceaccount:{JobsNamespace}:{Kubernetes.AccountOf("certsync")}");
        Vault = AddVault(VaultName);
        RenewTokens();
    }
}
