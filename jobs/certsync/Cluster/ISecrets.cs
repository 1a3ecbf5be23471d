using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>Lists the Secrets that there are.</summary>
public interface ISecretLister
{
    /// <summary>Lists them by their metadata alone.</summary>
    /// <returns>The Secrets, and the named namespaces that could not be listed.</returns>
    /// <exception cref="Hosting.JobException">The whole cluster was to be listed, and could not be.</exception>
    Task<SecretListing> ListAsync(CancellationToken cancellation = default);
}

/// <summary>Reads single Secrets.</summary>
public interface ISecretReader
{
    /// <summary>Reads what a Secret holds.</summary>
    /// <param name="secret">The Secret as listed.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <returns>Its entries, in the version they have now; null if it is gone. Dispose of it to wipe the key.</returns>
    /// <exception cref="Kubernetes.KubernetesException">It may not be read, or the API server failed.</exception>
    Task<SecretMaterial?> ReadAsync(TlsSecretRef secret, CancellationToken cancellation = default);

    /// <summary>Whether a Secret exists, without reading what it holds: a listing by label does not tell.</summary>
    /// <returns>False only if the API server itself answers that there is none.</returns>
    /// <exception cref="Kubernetes.KubernetesException">It may not be read, or the API server failed.</exception>
    Task<bool> ExistsAsync(string secretNamespace, string name, CancellationToken cancellation = default);
}
