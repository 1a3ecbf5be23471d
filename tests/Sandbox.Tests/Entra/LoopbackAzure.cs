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
    private int vaults;

    public LoopbackAzure()
    {
        Client = new HttpClient(routes.CreateHandler(CertificateAuthority.OfProcess));
        Entra = new EntraServer(CertificateAuthority.OfProcess, Client, Clock);
        KeyVault = new KeyVaultServer(CertificateAuthority.OfProcess, Entra, Clock);
        routes.Add(IssuerServer.Host, Issuer);
        foreach (var name in Entra.Names)
        {
            routes.Add(name, Entra);
        }
    }

    public ShiftedClock Clock { get; } = new();

    public IssuerServer Issuer { get; } = new(CertificateAuthority.OfProcess);

    public EntraServer Entra { get; }

    public KeyVaultServer KeyVault { get; }

    public HttpClient Client { get; }

    public string Tenant { get; } = Guid.NewGuid().ToString();

    /// <summary>An application that trusts <see cref="Issuer"/> for <see cref="Subject"/>.</summary>
    public AppRegistration Application { get; private set; } = null!;

    /// <summary>A new vault in which <see cref="Application"/> may do everything.</summary>
    public Vault NewVault(VaultOptions? options = null)
    {
        var vault = KeyVault.CreateVault($"vault-{Interlocked.Increment(ref vaults)}", Tenant, options).Grant(Application.ObjectId, VaultRights.CertificatesOfficer);
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
        await KeyVault.DisposeAsync();
        await Entra.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
