using Azure.Core.Pipeline;
using ClusterTrust.Sandbox.Entra;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>An issuer, Entra and Key Vault on loopback, and clients that reach them under their real names.</summary>
public sealed class LoopbackAzure : IAsyncLifetime
{
    public const string Subject = "system:serviceaccount:certsync:certsync";

    private int vaults;

    public LoopbackAzure()
    {
        Documents = new HttpClient(LoopbackHandler.Create(Authority, host => host == IssuerServer.Host ? Issuer!.Port : null));
        Issuer = new IssuerServer(Authority);
        Entra = new EntraServer(Authority, Documents, Clock);
        KeyVault = new KeyVaultServer(Authority, Entra, Clock);
        Handler = LoopbackHandler.Create(Authority, PortOf);
        Transport = new HttpClientTransport(Handler);
        Client = new HttpClient(Handler, disposeHandler: false);
    }

    public CertificateAuthority Authority { get; } = new();

    private HttpClient Documents { get; }

    public ShiftedClock Clock { get; } = new();

    public IssuerServer Issuer { get; }

    public EntraServer Entra { get; }

    public KeyVaultServer KeyVault { get; }

    public SocketsHttpHandler Handler { get; }

    /// <summary>For the options of Azure's clients.</summary>
    public HttpClientTransport Transport { get; }

    public HttpClient Client { get; }

    public string Tenant { get; } = Guid.NewGuid().ToString();

    /// <summary>An application that trusts <see cref="Issuer"/> for <see cref="Subject"/>, and has a secret.</summary>
    public AppRegistration Application { get; private set; } = null!;

    /// <summary>A new vault in which <see cref="Application"/> may do everything, unless a test says otherwise.</summary>
    public Vault NewVault(VaultOptions? options = null, VaultRights rights = VaultRights.Administrator) =>
        KeyVault.CreateVault($"vault-{Interlocked.Increment(ref vaults)}", Tenant, options).Grant(Application.ObjectId, rights);

    public async Task InitializeAsync()
    {
        await Issuer.StartAsync();
        await Entra.StartAsync();
        await KeyVault.StartAsync();
        Application = Entra.Directory.AddApplication(Tenant).AddSecret("swordfish");
        Entra.AddFederatedCredential(Application.ClientId, Issuer.Issuer, Subject);
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        Handler.Dispose();
        await KeyVault.DisposeAsync();
        await Entra.DisposeAsync();
        await Issuer.DisposeAsync();
        Documents.Dispose();
        Authority.Dispose();
    }

    private int? PortOf(string host) => host switch
    {
        _ when host.StartsWith("login.", StringComparison.Ordinal) => Entra.Port,
        _ when KeyVault.Find(host) is not null => KeyVault.Port,
        _ => null,
    };
}
