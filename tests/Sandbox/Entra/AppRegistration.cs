namespace ClusterTrust.Sandbox.Entra;

/// <summary>An application (or managed identity) of a tenant and the ways in which it may sign in.</summary>
public sealed record AppRegistration(string TenantId)
{
    /// <summary>The application id: <c>AZURE_CLIENT_ID</c>, and <c>appid</c> of its tokens.</summary>
    public string ClientId { get; } = Guid.NewGuid().ToString();

    /// <summary>The service principal's object id: <c>oid</c> of its tokens, and what rights are granted to.</summary>
    public string ObjectId { get; } = Guid.NewGuid().ToString();

    internal ConcurrentBag<FederatedCredential> FederatedCredentials { get; } = [];

    internal ConcurrentBag<string> Secrets { get; } = [];

    internal ConcurrentBag<X509Certificate2> Certificates { get; } = [];

    public AppRegistration AddSecret(string secret)
    {
        KnownSecrets.Add(secret);
        Secrets.Add(secret);
        return this;
    }

    /// <summary>Registers a certificate (its public part is enough) whose key may sign client assertions.</summary>
    public void AddCertificate(X509Certificate2 certificate) => Certificates.Add(X509CertificateLoader.LoadCertificate(certificate.RawData));
}

/// <summary>What an application trusts: tokens of one issuer for one subject and the default audience. All three are compared to the character, as Entra does.</summary>
/// <param name="Subject">The token's <c>sub</c>, such as <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
public sealed record FederatedCredential(string Issuer, string Subject)
{
    /// <summary>The audience Microsoft recommends in the public cloud.</summary>
    public const string DefaultAudience = "api://AzureADTokenExchange";
}

/// <summary>The grant of an access token. Only Key Vault reads one, so that it only has the form of a signed token.</summary>
internal sealed record AccessToken(AppRegistration Application, string Audience, DateTimeOffset ExpiresAt)
{
    /// <summary><c>iss</c> as in the tokens of the v1 endpoint, which Key Vault gets.</summary>
    public string Issuer => $"https://sts.windows.net/{Application.TenantId}/";
}
