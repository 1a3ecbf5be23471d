using Azure.Core.Pipeline;
using ClusterTrust.Sandbox.Tests.Entra;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>A vault, the Entra ID that guards it and the issuer that Entra trusts, and an application that signs in with a secret.</summary>
public sealed class VaultRig : IAsyncDisposable
{
    public const string Secret = "a-client-secret-nobody-may-see";

    private readonly HttpClientTransport _transport;
    private readonly TemporaryFolder _folder = new("certsync-vault-");

    public VaultRig()
    {
        var handler = Azure.Routes.CreateHandler(CertificateAuthority.OfProcess);
        var connect = handler.ConnectCallback!;
        handler.ConnectCallback = (context, cancellationToken) =>
            Broken is { } broken && broken.Host == context.DnsEndPoint.Host ? throw new SocketException((int)broken.Error) : connect(context, cancellationToken);
        handler.SslOptions.RemoteCertificateValidationCallback = VaultSettings.Handler.SslOptions.RemoteCertificateValidationCallback;
        _transport = new HttpClientTransport(new HttpClient(handler));
        Settings = new VaultSettings
        {
            Transport = _transport,
            Retries = 2,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            PollInterval = TimeSpan.FromMilliseconds(20),
        };
    }

    public LoopbackAzure Azure { get; } = new();

    public KeyVaultServer Server => Azure.KeyVault;

    public EntraServer Entra => Azure.Entra;

    public Vault Vault { get; private set; } = null!;

    public AppRegistration Application { get; private set; } = null!;

    public VaultSettings Settings { get; set; }

    /// <summary>A host that cannot be connected to, and how that shows.</summary>
    public (string Host, SocketError Error)? Broken { get; set; }

    /// <summary>Requests to the vault, without the one that is answered with the challenge.</summary>
    public IReadOnlyList<RequestRecord> Requests => [.. Server.Requests.Where(static request => request.Status != 401)];

    public VaultAddress Address => VaultAddress.Parse($"prod={Vault.Name}", null).Value;

    public async Task StartAsync()
    {
        await Azure.InitializeAsync();
        Application = Entra.AddApplication(Azure.Tenant).AddSecret(Secret);
        Vault = NewVault();
    }

    /// <summary>Another vault in which <see cref="Application"/> may do everything.</summary>
    public Vault NewVault() => Azure.NewVault().Grant(Application.ObjectId, VaultRights.CertificatesOfficer);

    internal KeyVaultCertificates Open(VaultAddress? address = null, VaultSignIn? signIn = null) =>
        new(address ?? Address, signIn ?? SignIn(SignInMethod.ClientSecret), Settings, TimeProvider.System);

    /// <summary>Signs in with the variables of the application, and those given over them.</summary>
    internal VaultSignIn SignIn(SignInMethod method, params (string Name, string? Value)[] variables)
    {
        (string Name, string? Value)[] own = [(SignInEnvironment.TenantIdName, Application.TenantId), (SignInEnvironment.ClientIdName, Application.ClientId), (SignInEnvironment.ClientSecretName, Secret)];
        var all = own.Concat(variables).GroupBy(static one => one.Name).ToDictionary(static one => one.Key, static one => one.Last().Value);
        return VaultCredentials.Create(method, new SignInEnvironment(name => all.GetValueOrDefault(name)), Settings);
    }

    /// <summary>Writes a file that is removed with the rig.</summary>
    public string Write(string name, string content) => _folder.Write(name, content);

    /// <summary>Writes a ServiceAccount token for Entra.</summary>
    public string WriteToken(string audience = FederatedCredential.DefaultAudience, TimeSpan? lifetime = null) =>
        Write("token", Azure.Issuer.IssueToken("jobs", "certsync", [audience], lifetime));

    /// <summary>Makes the application trust the cluster, or another one.</summary>
    public void Trust(string? from = null, string subject = "system:serviceaccount:jobs:certsync") =>
        Entra.AddFederatedCredential(Application.ClientId, from ?? LoopbackAzure.IssuerUrl, subject);

    public async ValueTask DisposeAsync()
    {
        await Azure.DisposeAsync();
        _transport.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A class of tests with a vault and an Entra ID of its own for each test.</summary>
public abstract class VaultTest : IAsyncLifetime
{
    protected VaultRig Rig { get; } = new();

    public Task InitializeAsync() => Rig.StartAsync();

    public Task DisposeAsync() => Rig.DisposeAsync().AsTask();
}
