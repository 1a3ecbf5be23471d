using Azure.Core;

namespace ClusterTrust.CertSync.Vaults.SignIn;

/// <summary>The sign-in all vaults share, because the tokens are cached in its credential, and what may be said of it.</summary>
/// <param name="Method">How it signs in; never <see cref="SignInMethod.Auto"/>.</param>
/// <param name="Credential">What gets the tokens.</param>
/// <param name="AuthorityHost">Where.</param>
public sealed record VaultSignIn(SignInMethod Method, TokenCredential Credential, Uri AuthorityHost)
{
    /// <summary>The tenant, if it is configured.</summary>
    public string? TenantId { get; init; }

    /// <summary>The application or user-assigned identity, if it is configured.</summary>
    public string? ClientId { get; init; }

    /// <summary>The file with the ServiceAccount's token, for <see cref="SignInMethod.WorkloadIdentity"/>.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Whom people give rights to.</summary>
    internal string Identity => Method switch
    {
        SignInMethod.AzureCli => "the person signed in to the Azure CLI",
        SignInMethod.ManagedIdentity when ClientId is null => "the system-assigned managed identity",
        SignInMethod.ManagedIdentity => $"the managed identity {ClientId}",
        _ => $"the application {ClientId}",
    };

    /// <summary>The method and the identity: no credential.</summary>
    public override string ToString() => $"{Method} as {Identity}";
}
