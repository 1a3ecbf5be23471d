using Microsoft.AspNetCore.Http;

namespace ClusterTrust.CertSync.Tests.Vaults;

/// <summary>Each test has a vault of its own, the Entra ID that guards it, the issuer that Entra trusts, and an application that signs in with a secret.</summary>
public abstract class VaultTest : IAsyncLifetime
{
    protected const string Secret = "a-client-secret-nobody-may-see";

    protected static readonly ImmutableDictionary<string, string> Ours = ImmutableDictionary<string, string>.Empty
        .Add(Ownership.ManagedByTag, Ownership.Manager).Add(Ownership.ClusterTag, "a").Add(Ownership.VersionTag, "1");

    private protected static readonly Issued Web = Pki.Issue("web.example.com", Pki.Rsa("leaf"), Pki.Intermediate,
        start: DateTimeOffset.UtcNow.AddDays(-1), end: DateTimeOffset.UtcNow.AddDays(60));

    protected VaultTest()
    {
        var handler = Azure.Routes.CreateHandler(CertificateAuthority.OfProcess);
        var connect = handler.ConnectCallback!;
        handler.ConnectCallback = (context, cancellationToken) =>
            Broken is { } broken && broken.Host == context.DnsEndPoint.Host ? throw new SocketException((int)broken.Error) : connect(context, cancellationToken);
        handler.SslOptions.RemoteCertificateValidationCallback = VaultSettings.Handler.SslOptions.RemoteCertificateValidationCallback;
        Transport = new HttpClientTransport(new HttpClient(handler));
        Settings = new VaultSettings
        {
            Transport = Transport,
            Retries = 2,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            PollInterval = TimeSpan.FromMilliseconds(20),
        };
    }

    private HttpClientTransport Transport { get; }

    private TemporaryFolder Folder { get; } = new("certsync-vault-");

    protected LoopbackAzure Azure { get; } = new();

    protected KeyVaultServer Server => Azure.KeyVault;

    protected Vault Vault { get; private set; } = null!;

    protected AppRegistration Application { get; private set; } = null!;

    protected VaultSettings Settings { get; set; }

    /// <summary>A host that cannot be connected to, and how that shows.</summary>
    protected (string Host, SocketError Error)? Broken { get; set; }

    /// <summary>Requests to the vault, without the one that is answered with the challenge.</summary>
    protected IReadOnlyList<RequestRecord> Requests => [.. Server.Requests.Where(static request => request.Status != 401)];

    public async Task InitializeAsync()
    {
        await Azure.InitializeAsync();
        Application = Azure.Entra.AddApplication(Azure.Tenant).AddSecret(Secret);
        Vault = NewVault();
    }

    public async Task DisposeAsync()
    {
        await Azure.DisposeAsync();
        Transport.Dispose();
        Folder.Dispose();
    }

    internal static CertificateImport Import(string name, CertificateFormat format = CertificateFormat.Pfx)
    {
        using var bundle = CertificateParser.Parse(Pki.Bytes(Web.Pem + Pki.Intermediate.Pem), Pki.Bytes(Web.Pkcs8), default, new BundleOptions());
        return new CertificateImport(name, format == CertificateFormat.Pem ? bundle.ToPem() : bundle.ToPfx(), format, Ours) { Thumbprint = Web.Thumbprint };
    }

    /// <summary>Another vault in which <see cref="Application"/> may do everything.</summary>
    protected Vault NewVault() => Azure.NewVault().Grant(Application.ObjectId, VaultRights.CertificatesOfficer);

    protected KeyVaultCertificates Open(VaultAddress? address = null, VaultSignIn? signIn = null) =>
        new(address ?? VaultAddress.Parse($"prod={Vault.Name}", null).Value, signIn ?? SignIn(SignInMethod.ClientSecret), Settings, TimeProvider.System);

    /// <summary>Signs in with the variables of the application, and those given over them.</summary>
    protected VaultSignIn SignIn(SignInMethod method, params (string Name, string? Value)[] variables)
    {
        (string Name, string? Value)[] own =
            [(SignInEnvironment.TenantIdName, Application.TenantId), (SignInEnvironment.ClientIdName, Application.ClientId), (SignInEnvironment.ClientSecretName, Secret)];
        var all = own.Concat(variables).GroupBy(static one => one.Name).ToDictionary(static one => one.Key, static one => one.Last().Value);
        return VaultCredentials.Create(method, new SignInEnvironment(name => all.GetValueOrDefault(name)), Settings);
    }

    protected string Write(string name, string content) => Folder.Write(name, content);

    protected static bool Authorized(HttpRequest request) => request.Headers.Authorization.Count > 0;

    /// <summary>It fails with this fault, which shows no secret.</summary>
    /// <param name="sentence">A part of the message.</param>
    protected static async Task<VaultException> AssertFaultAsync(VaultFault expected, string sentence, Func<Task> work)
    {
        var fault = await Assert.ThrowsAsync<VaultException>(work);
        Assert.Equal(expected, fault.Fault);
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", fault.ToString(), StringComparison.Ordinal);
        return fault;
    }
}
