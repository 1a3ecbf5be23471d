namespace ClusterTrust.CertSync.Vaults.SignIn;

/// <summary>How a token for the vaults is obtained; the names are those of Azure.Identity's credentials.</summary>
public enum SignInMethod
{
    /// <summary>By what the environment holds; see <see cref="SignInEnvironment.Choose"/>.</summary>
    Auto,

    /// <summary>The ServiceAccount's token, exchanged through a federated credential.</summary>
    WorkloadIdentity,

    /// <summary>The identity of the node or the platform.</summary>
    ManagedIdentity,

    /// <summary>A service principal with a secret.</summary>
    ClientSecret,

    /// <summary>A service principal with a certificate.</summary>
    ClientCertificate,

    /// <summary>The person signed in with <c>az login</c>.</summary>
    AzureCli,
}
