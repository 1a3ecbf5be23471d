using Azure.Core;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>How to get a token for the vaults; the names are those of Azure.Identity's credentials.</summary>
public enum SignInMethod
{
    /// <summary>Determined by the environment; see <see cref="SignInEnvironment.Choose"/>.</summary>
    Auto,

    /// <summary>The ServiceAccount's token, exchanged through a federated credential.</summary>
    WorkloadIdentity,

    /// <summary>The identity of the node or the platform.</summary>
    ManagedIdentity,

    /// <summary>A service principal with a secret.</summary>
    ClientSecret,

    /// <summary>A service principal with a certificate.</summary>
    ClientCertificate,

    /// <summary>The user of <c>az login</c>.</summary>
    AzureCli,
}

/// <summary>The sign-in that all vaults share, because its credential caches the tokens.</summary>
/// <param name="Method">Never <see cref="SignInMethod.Auto"/>.</param>
/// <param name="ClientId">The application or user-assigned identity, if configured.</param>
/// <param name="TokenFile">The file with the ServiceAccount's token, for <see cref="SignInMethod.WorkloadIdentity"/>.</param>
public sealed record VaultSignIn(
    SignInMethod Method, TokenCredential Credential, Uri AuthorityHost, string? TenantId = null, string? ClientId = null, string? TokenFile = null)
{
    internal string Identity => Method switch
    {
        SignInMethod.AzureCli => "the user signed in to the Azure CLI",
        SignInMethod.ManagedIdentity when ClientId is null => "the system-assigned managed identity",
        SignInMethod.ManagedIdentity => $"the managed identity {ClientId}",
        _ => $"the application {ClientId}",
    };

    /// <summary>The method and the identity: no credential.</summary>
    public override string ToString() => $"{Method} as {Identity}";
}
