namespace ClusterTrust.Oidc.Trust;

/// <summary>The clouds that take a ServiceAccount token of a published issuer.</summary>
public enum Cloud
{
    /// <summary>Microsoft Entra ID: a federated credential on a managed identity.</summary>
    Azure,

    /// <summary>AWS IAM: an OIDC provider and a role assumed with web identity.</summary>
    Aws,

    /// <summary>Google Cloud IAM: a workload identity pool with an OIDC provider.</summary>
    Gcp,
}
