using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Entra;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Pages;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox;

/// <summary>
/// A cluster and its surroundings on loopback, wired as in the world: the API server's issuer is served by Pages from the repository,
/// Entra ID believes its tokens by what Pages serves, Key Vault believes Entra ID. Dispose leaves nothing behind.
/// </summary>
public sealed class SandboxCluster : IAsyncDisposable
{
    /// <summary>The repository that serves the issuer.</summary>
    public const string RepositoryName = "example/cluster-a";

    /// <summary>The issuer, as GitHub Pages serves that repository.</summary>
    public const string Issuer = "https://example.github.io/cluster-a";

    /// <summary>The jobs' namespace.</summary>
    public const string Namespace = "clustertrust";

    /// <summary>The tenant.</summary>
    public const string TenantId = "5a1d0c0e-0000-4000-8000-00000000c1a5";

    /// <summary>The default vault's name.</summary>
    public const string VaultName = "sandbox-vault";

    private readonly HttpClient documents;
    private readonly CertificateIssuer issuer = new();

    private SandboxCluster(TimeProvider clock)
    {
        Repositories = new GitRepositories();
        Ssh = new GitSshServer(Repositories);
        Https = new GitHttpsServer(Authority, Repositories);
        Pages = new PagesServer(Authority, clock);
        Routes.Add("example.github.io", Pages);
        documents = new HttpClient(Routes.CreateHandler(Authority));
        ApiServer = new KubeApiServer(Authority, new ApiServerOptions { Issuer = Issuer, Clock = clock });
        Entra = new EntraServer(Authority, documents, clock);
        KeyVault = new KeyVaultServer(Authority, Entra, clock);
        Proxy = new ConnectProxy(Routes);
        Certificates = new CertificateController(ApiServer.State, issuer);
        foreach (var name in Entra.Names)
        {
            Routes.Add(name, Entra);
        }

        Routes.Add("github.com", Https);
    }

    /// <summary>The CA of every server.</summary>
    public CertificateAuthority Authority { get; } = CertificateAuthority.OfProcess;

    /// <summary>Files of the sandbox: keys, kubeconfigs, tokens.</summary>
    public TemporaryFolder Folder { get; } = new("clustertrust-sandbox-");

    /// <summary>Which host name leads where.</summary>
    public HostRoutes Routes { get; } = new();

    /// <summary>The API server.</summary>
    public KubeApiServer ApiServer { get; }

    /// <summary>cert-manager.</summary>
    public CertificateController Certificates { get; }

    /// <summary>Entra ID.</summary>
    public EntraServer Entra { get; }

    /// <summary>Key Vault.</summary>
    public KeyVaultServer KeyVault { get; }

    /// <summary>The default vault.</summary>
    public Vault Vault { get; private set; } = null!;

    /// <summary>The Git repositories.</summary>
    public GitRepositories Repositories { get; }

    /// <summary>The repository that serves the issuer.</summary>
    public GitRepository Repository => Repositories[RepositoryName];

    /// <summary>Git over SSH.</summary>
    public GitSshServer Ssh { get; }

    /// <summary>Git over HTTPS.</summary>
    public GitHttpsServer Https { get; }

    /// <summary>Pages.</summary>
    public PagesServer Pages { get; }

    /// <summary>The site that serves the issuer.</summary>
    public PagesSite Site { get; private set; } = null!;

    /// <summary>Leads the real host names to the servers.</summary>
    public ConnectProxy Proxy { get; }

    /// <summary>The deploy key with write access.</summary>
    public SshKeyPair DeployKey { get; private set; } = null!;

    /// <summary>certsync's identity in Entra ID.</summary>
    public AppRegistration Identity { get; private set; } = null!;

    /// <summary>The kubeconfig of a cluster administrator.</summary>
    public string AdminKubeconfig => Folder.Combine("admin.kubeconfig");

    /// <summary>The projected token of a ServiceAccount for Entra ID.</summary>
    public string FederatedTokenFile => Folder.Combine("azure-identity-token");

    /// <summary>The host keys of the SSH server.</summary>
    public string KnownHostsFile => Folder.Combine("known_hosts");

    /// <summary>The CA bundle.</summary>
    public string CaFile => Folder.Combine("ca.crt");

    /// <summary>Starts everything: an empty repository, an empty vault, and the jobs' ServiceAccounts with their least rights.</summary>
    /// <param name="clock">The time of the API server, Entra ID, Key Vault and Pages; the system's when null.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<SandboxCluster> StartAsync(TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        var cluster = new SandboxCluster(clock ?? TimeProvider.System);
        try
        {
            await cluster.StartServersAsync(cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The kubeconfig of one of the jobs' ServiceAccounts.</summary>
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
    /// <param name="lifetime">How long they are valid.</param>
    public void RenewTokens(TimeSpan? lifetime = null)
    {
        foreach (var account in new[] { "oidc", "certsync" })
        {
            ApiServer.WriteKubeconfig(Kubeconfig(account), ApiServer.IssueToken(Namespace, account, null, lifetime), Namespace);
        }

        Folder.Write("azure-identity-token", ApiServer.IssueToken(Namespace, "certsync", ["api://AzureADTokenExchange"], lifetime));
    }

    /// <summary>Writes a kubeconfig of a ServiceAccount whose token is in a file of its own, as a pod has it, and that file.</summary>
    /// <returns>The kubeconfig and the file.</returns>
    public (string Kubeconfig, string TokenFile) WriteFileKubeconfig(string serviceAccount)
    {
        var tokenFile = Folder.Write($"{serviceAccount}.token", ApiServer.IssueToken(Namespace, serviceAccount));
        var inline = File.ReadAllText(Kubeconfig(serviceAccount));
        var at = inline.IndexOf("    token: ", StringComparison.Ordinal);
        return (Folder.Write($"{serviceAccount}-file.kubeconfig", $"{inline[..at]}    tokenFile: {tokenFile}\n"), tokenFile);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await KeyVault.DisposeAsync();
        await Entra.DisposeAsync();
        await ApiServer.DisposeAsync();
        await Pages.DisposeAsync();
        await Https.DisposeAsync();
        await Ssh.DisposeAsync();
        documents.Dispose();
        Repositories.Dispose();
        DeployKey?.Dispose();
        issuer.Dispose();
        Folder.Dispose();
    }

    private async Task StartServersAsync(CancellationToken cancellation)
    {
        Folder.Write("ca.crt", Authority.CertificatePem);
        var repository = await Repositories.CreateAsync(RepositoryName, cancellation: cancellation);
        await Task.WhenAll(
            ApiServer.StartAsync(cancellation),
            Entra.StartAsync(cancellation),
            KeyVault.StartAsync(cancellation),
            Https.StartAsync(cancellation),
            Pages.StartAsync(cancellation),
            Ssh.StartAsync(cancellation),
            Proxy.StartAsync());
        Site = Pages.AddSite(RepositoryName, repository);
        DeployKey = await SshKeyPair.CreateAsync(SshKeyType.Ed25519, cancellation: cancellation);
        Ssh.AddDeployKey(DeployKey);
        Folder.Write("known_hosts", Ssh.KnownHosts());

        Entra.Directory.AddTenant(TenantId);
        Identity = Entra.Directory.AddApplication(TenantId);
        Entra.AddFederatedCredential(Identity.ClientId, Issuer, $"system:serviceaccount:{Namespace}:certsync");
        Vault = AddVault(VaultName);

        ApiServer.State.AddNamespace(Namespace);
        ApiServer.Rbac.Grant(Subject.ServiceAccount(Namespace, "certsync"), null, PolicyRule.For("", "secrets", "list", "get"));
        ApiServer.Rbac.Grant(
            Subject.ServiceAccount(Namespace, "certsync"), Namespace, PolicyRule.For("coordination.k8s.io", "leases", "get", "create", "update"));
        ApiServer.WriteKubeconfig(AdminKubeconfig);
        RenewTokens();
    }
}
