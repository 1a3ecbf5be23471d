using ClusterTrust.Sandbox.Entra;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>An issuer, Entra and Key Vault on loopback, and clients that reach them under their real names.</summary>
public sealed class LoopbackAzure : IAsyncLifetime
{
    public const string Subject = "system:serviceaccount:certsync:certsync";

    private readonly HostRoutes routes = new();
    private readonly SocketsHttpHandler handler;
    private int vaults;

    public LoopbackAzure()
    {
        Documents = new HttpClient(routes.CreateHandler(Authority));
        Issuer = new IssuerServer(Authority);
        Entra = new EntraServer(Authority, Documents, Clock);
        KeyVault = new KeyVaultServer(Authority, Entra, Clock);
        handler = routes.CreateHandler(Authority);
        Client = new HttpClient(handler, disposeHandler: false);
        routes.Add(IssuerServer.Host, Issuer);
        foreach (var name in Entra.Names)
        {
            routes.Add(name, Entra);
        }
    }

    public CertificateAuthority Authority { get; } = new();

    private HttpClient Documents { get; }

    public ShiftedClock Clock { get; } = new();

    public IssuerServer Issuer { get; }

    public EntraServer Entra { get; }

    public KeyVaultServer KeyVault { get; }

    public HttpClient Client { get; }

    public string Tenant { get; } = Guid.NewGuid().ToString();

    /// <summary>An application that trusts <see cref="Issuer"/> for <see cref="Subject"/>.</summary>
    public AppRegistration Application { get; private set; } = null!;

    /// <summary>A new vault in which <see cref="Application"/> may do everything, unless a test says otherwise.</summary>
    public Vault NewVault(VaultOptions? options = null, VaultRights rights = VaultRights.CertificatesOfficer)
    {
        var vault = KeyVault.CreateVault($"vault-{Interlocked.Increment(ref vaults)}", Tenant, options).Grant(Application.ObjectId, rights);
        routes.Add(vault.Host, KeyVault);
        return vault;
    }

    public async Task InitializeAsync()
    {
        await Issuer.StartAsync();
        await Entra.StartAsync();
        await KeyVault.StartAsync();
        Application = Entra.Directory.AddApplication(Tenant);
        Entra.AddFederatedCredential(Application.ClientId, Issuer.Issuer, Subject);
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        handler.Dispose();
        await KeyVault.DisposeAsync();
        await Entra.DisposeAsync();
        await Issuer.DisposeAsync();
        Documents.Dispose();
        Authority.Dispose();
    }
}
