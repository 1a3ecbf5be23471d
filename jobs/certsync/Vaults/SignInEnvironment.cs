namespace ClusterTrust.CertSync.Vaults;

/// <summary>Azure.Identity's environment variables.</summary>
/// <param name="read">Reads a variable; null if it is not set.</param>
public sealed class SignInEnvironment(Func<string, string?> read)
{
    public const string TenantIdName = "AZURE_TENANT_ID";
    public const string ClientIdName = "AZURE_CLIENT_ID";
    public const string TokenFileName = "AZURE_FEDERATED_TOKEN_FILE";
    public const string AuthorityHostName = "AZURE_AUTHORITY_HOST";
    public const string ClientSecretName = "AZURE_CLIENT_SECRET";
    public const string CertificatePathName = "AZURE_CLIENT_CERTIFICATE_PATH";
    public const string CertificatePasswordName = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
    public const string CertificateChainName = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN";

    /// <summary>Set in every pod.</summary>
    private const string ClusterName = "KUBERNETES_SERVICE_HOST";

    /// <summary>Set where the platform offers a managed identity without the node's metadata service.</summary>
    private const string IdentityEndpointName = "IDENTITY_ENDPOINT";

    public string? TenantId => this[TenantIdName];

    public string? ClientId => this[ClientIdName];

    public string? TokenFile => this[TokenFileName];

    public string? AuthorityHost => this[AuthorityHostName];

    /// <summary>A variable's value; null if it is not set or blank.</summary>
    public string? this[string name] => read(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    /// <summary>
    /// The method whose own variable is set, in the order of Azure.Identity's DefaultAzureCredential: secret, certificate, token file.
    /// Without any of them it is the managed identity in a cluster, and the Azure CLI elsewhere. Nothing is probed.
    /// </summary>
    public SignInMethod Choose() => this switch
    {
        _ when this[ClientSecretName] is not null => SignInMethod.ClientSecret,
        _ when this[CertificatePathName] is not null => SignInMethod.ClientCertificate,
        _ when TokenFile is not null => SignInMethod.WorkloadIdentity,
        _ when this[ClusterName] is not null || this[IdentityEndpointName] is not null => SignInMethod.ManagedIdentity,
        _ => SignInMethod.AzureCli,
    };

    public static IReadOnlyList<string> Required(SignInMethod method) => method switch
    {
        SignInMethod.WorkloadIdentity => [TenantIdName, ClientIdName, TokenFileName],
        SignInMethod.ClientSecret => [TenantIdName, ClientIdName, ClientSecretName],
        SignInMethod.ClientCertificate => [TenantIdName, ClientIdName, CertificatePathName],
        _ => [],
    };
}
