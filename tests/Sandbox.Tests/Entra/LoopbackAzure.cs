namespace ClusterTrust.Sandbox.Tests.Entra;

/// <summary>A cluster whose issuer anybody may read, Entra and Key Vault on loopback, and a client that reaches them under their names.</summary>
public sealed class LoopbackAzure : IAsyncLifetime
{
    public const string Subject = "system:serviceaccount:certsync:certsync";

    public const string IssuerUrl = "https://kubernetes.default.svc";

    public LoopbackAzure()
    {
        Client = new HttpClient(Routes.CreateHandler(CertificateAuthority.OfProcess));
        Entra = new EntraServer(CertificateAuthority.OfProcess, Client, Clock);
        KeyVault = new KeyVaultServer(CertificateAuthority.OfProcess, Entra, Clock);
        Routes.Add(new Uri(IssuerUrl).Host, Issuer);
        Issuer.Rbac.Grant(Sandbox.ApiServer.Subject.Group("system:unauthenticated"), null, PolicyRule.ForPaths([IssuerEndpoint.DiscoveryPath, IssuerEndpoint.JwksPath], "get"));
        foreach (var name in Entra.Names)
        {
            Routes.Add(name, Entra);
        }
    }

    public Sandbox.Proxy.HostRoutes Routes { get; } = new();

    public ShiftedClock Clock { get; } = new();

    public KubeApiServer Issuer { get; } = new(CertificateAuthority.OfProcess, new ApiServerOptions { Issuer = IssuerUrl });

    public EntraServer Entra { get; }

    public KeyVaultServer KeyVault { get; }

    public HttpClient Client { get; }

    public string Tenant { get; } = Guid.NewGuid().ToString();

    /// <summary>An application that trusts <see cref="Issuer"/> for <see cref="Subject"/>.</summary>
    public AppRegistration Application { get; private set; } = null!;

    /// <summary>A new vault in which <see cref="Application"/> may do everything, of a name of its own: Azure's SDK remembers challenges by host.</summary>
    public Vault NewVault(VaultOptions? options = null)
    {
        var vault = KeyVault.CreateVault($"kv{Guid.NewGuid():N}"[..20], Tenant, options).Grant(Application.ObjectId, VaultRights.CertificatesOfficer);
        Routes.Add(vault.Host, KeyVault);
        return vault;
    }

    /// <summary>A token of the issuer for <see cref="Subject"/>, with changes to header and claims before it is signed.</summary>
    public string Token(Action<JsonObject, JsonObject>? change = null, SigningKey? signer = null)
    {
        var key = Issuer.Keys.Signing;
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = key.KeyId };
        var claims = new JsonObject
        {
            ["iss"] = IssuerUrl,
            ["sub"] = Subject,
            ["aud"] = new JsonArray(FederatedCredential.DefaultAudience),
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 3600,
        };
        change?.Invoke(header, claims);
        return TokenIssuer.Sign(header.ToJsonString(), claims.ToJsonString(), (signer ?? key).Sign);
    }

    public async Task InitializeAsync()
    {
        await Issuer.StartAsync();
        await Entra.StartAsync();
        await KeyVault.StartAsync();
        Application = Entra.AddApplication(Tenant);
        Entra.AddFederatedCredential(Application.ClientId, IssuerUrl, Subject);
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await KeyVault.DisposeAsync();
        await Entra.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
