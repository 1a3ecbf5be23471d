using System.Net.Security;
using Azure.Core.Pipeline;
using ClusterTrust.Sandbox.Entra;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>
/// A vault, the Entra ID that guards it and the issuer that Entra trusts, all under their real host names: connections to these
/// are led to loopback. Names are new for every rig because the SDK remembers challenges by host.
/// </summary>
public sealed class VaultRig : IAsyncDisposable
{
    public const string Secret = "a-client-secret-nobody-may-see";

    private readonly CertificateAuthority _authority = new();
    private readonly KubeApiServer _issuer;
    private readonly HttpClient _documents;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClientTransport _transport;
    private readonly TemporaryFolder _folder = new("certsync-vault-");

    public VaultRig()
    {
        _issuer = new KubeApiServer(_authority);
        _documents = new HttpClient(new FakeAzure(request => IssuerIsPublished
            ? FakeAzure.Json(request.RequestUri!.AbsolutePath.EndsWith("openid-configuration", StringComparison.Ordinal) ? _issuer.Issuer.Discovery : _issuer.Issuer.Jwks)
            : FakeAzure.Json("", 404)));
        Entra = new EntraServer(_authority, _documents);
        Server = new KeyVaultServer(_authority, Entra);
        Application = Entra.Directory.AddApplication(Guid.NewGuid().ToString()).AddSecret(Secret);
        Vault = Server.CreateVault($"kv{Guid.NewGuid():N}"[..20], Application.TenantId);
        Vault.Grant(Application.ObjectId, VaultRights.CertificatesOfficer);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPem(_authority.CertificatePem);
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = trust,
                RemoteCertificateValidationCallback = VaultSettings.Handler.SslOptions.RemoteCertificateValidationCallback,
            },
        };
        _transport = new HttpClientTransport(new HttpClient(_handler));
        Settings = new VaultSettings
        {
            Transport = _transport,
            Retries = 2,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            PollInterval = TimeSpan.FromMilliseconds(20),
        };
    }

    public KeyVaultServer Server { get; }

    public EntraServer Entra { get; }

    public Vault Vault { get; }

    public AppRegistration Application { get; }

    public VaultSettings Settings { get; set; }

    /// <summary>A host that cannot be connected to, and how that shows.</summary>
    public (string Host, SocketError Error)? Broken { get; set; }

    public bool IssuerIsPublished { get; set; } = true;

    /// <summary>Requests to the vault, without the one that is answered with the challenge.</summary>
    public IReadOnlyList<RequestRecord> Requests => [.. Server.Requests.Where(static request => request.Status != 401)];

    public VaultAddress Address => VaultAddress.Parse($"prod={Vault.Name}", null, out _)!;

    public async Task StartAsync()
    {
        await Entra.StartAsync();
        await Server.StartAsync();
    }

    internal KeyVaultCertificates Open(VaultAddress? address = null, VaultSignIn? signIn = null) =>
        new(address ?? Address, signIn ?? SignIn(SignInMethod.ClientSecret), Settings, TimeProvider.System);

    /// <summary>Signs in with the variables of the application, and those given over them.</summary>
    internal VaultSignIn SignIn(SignInMethod method, params (string Name, string? Value)[] variables)
    {
        var all = new Dictionary<string, string?>
        {
            [SignInEnvironment.TenantIdName] = Application.TenantId,
            [SignInEnvironment.ClientIdName] = Application.ClientId,
            [SignInEnvironment.ClientSecretName] = Secret,
        };
        foreach (var (name, value) in variables)
        {
            all[name] = value;
        }

        return VaultCredentials.Create(method, new SignInEnvironment(name => all.GetValueOrDefault(name)), Settings);
    }

    /// <summary>Writes a file that is removed with the rig.</summary>
    public string Write(string name, string content) => _folder.Write(name, content);

    /// <summary>Writes a ServiceAccount token for Entra.</summary>
    public string WriteToken(string audience = FederatedCredential.DefaultAudience, TimeSpan? lifetime = null) =>
        Write("token", _issuer.IssueToken("jobs", "certsync", [audience], lifetime));

    /// <summary>Makes the application trust the cluster, or another one.</summary>
    public void Trust(string? from = null, string subject = "system:serviceaccount:jobs:certsync") =>
        Entra.AddFederatedCredential(Application.ClientId, from ?? _issuer.Issuer.Issuer, subject);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Entra.DisposeAsync();
        await _issuer.DisposeAsync();
        _transport.Dispose();
        _handler.Dispose();
        _documents.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        if (Broken is { } broken && broken.Host == host)
        {
            throw new SocketException((int)broken.Error);
        }

        var port = host.StartsWith("login.", StringComparison.Ordinal) ? Entra.Port : Server.Port;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A class of tests with a vault and an Entra ID of its own for each test.</summary>
public abstract class VaultTest : IAsyncLifetime
{
    protected VaultRig Rig { get; } = new();

    public Task InitializeAsync() => Rig.StartAsync();

    public Task DisposeAsync() => Rig.DisposeAsync().AsTask();
}
