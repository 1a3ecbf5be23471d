namespace ClusterTrust.Sandbox.Entra;

/// <summary>An application (or managed identity) of a tenant and the ways in which it may sign in.</summary>
/// <param name="clientId">The application id: <c>AZURE_CLIENT_ID</c>, and <c>appid</c> of its tokens.</param>
/// <param name="objectId">The service principal's object id: <c>oid</c> of its tokens, and what rights are granted to.</param>
public sealed class AppRegistration(string tenantId, string clientId, string objectId)
{
    private readonly ConcurrentBag<FederatedCredential> _federated = [];
    private readonly ConcurrentBag<string> _secrets = [];
    private readonly ConcurrentBag<X509Certificate2> _certificates = [];

    public string TenantId { get; } = tenantId;

    public string ClientId { get; } = clientId;

    public string ObjectId { get; } = objectId;

    public IReadOnlyCollection<FederatedCredential> FederatedCredentials => _federated;

    public AppRegistration Trust(FederatedCredential credential)
    {
        _federated.Add(credential);
        return this;
    }

    public AppRegistration AddSecret(string secret)
    {
        KnownSecrets.Add(secret);
        _secrets.Add(secret);
        return this;
    }

    /// <summary>Registers a certificate (its public part is enough) whose key may sign client assertions.</summary>
    public AppRegistration AddCertificate(X509Certificate2 certificate)
    {
        _certificates.Add(X509CertificateLoader.LoadCertificate(certificate.RawData));
        return this;
    }

    internal bool HasSecret(string secret) => _secrets.Contains(secret);

    internal IReadOnlyCollection<X509Certificate2> Certificates => _certificates;
}

/// <summary>What an application trusts: tokens of one issuer for one subject and the default audience. All three are compared to the character, as Entra does.</summary>
/// <param name="Subject">The token's <c>sub</c>, such as <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
public sealed record FederatedCredential(string Issuer, string Subject)
{
    /// <summary>The audience Microsoft recommends in the public cloud.</summary>
    public const string DefaultAudience = "api://AzureADTokenExchange";
}

/// <summary>Tenants and the applications in them.</summary>
public sealed class EntraDirectory
{
    private readonly ConcurrentDictionary<string, AppRegistration> _applications = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Registers an application. A tenant is there when it has one.</summary>
    public AppRegistration AddApplication(string tenantId)
    {
        var application = new AppRegistration(tenantId, Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        return _applications[application.ClientId] = application;
    }

    public bool HasTenant(string tenantId) => _applications.Values.Any(application => string.Equals(application.TenantId, tenantId, StringComparison.OrdinalIgnoreCase));

    public AppRegistration this[string clientId] => _applications[clientId];

    public AppRegistration? Find(string tenantId, string clientId) =>
        _applications.TryGetValue(clientId, out var application) && string.Equals(application.TenantId, tenantId, StringComparison.OrdinalIgnoreCase) ? application : null;
}
