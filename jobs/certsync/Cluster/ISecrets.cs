namespace ClusterTrust.CertSync.Cluster;

public interface ISecretLister
{
    /// <summary>Lists the Secrets by their metadata alone.</summary>
    /// <exception cref="Kubernetes.KubernetesException">The whole cluster was to be listed, and could not be; or the API server did not respond, or refused temporarily, for a second namespace.</exception>
    Task<SecretListing> ListAsync(CancellationToken cancellationToken);
}

public interface ISecretReader
{
    /// <summary>Reads the entries of a Secret in its current version.</summary>
    /// <returns>Null if the Secret is gone. Dispose of it to wipe the key.</returns>
    /// <exception cref="Kubernetes.KubernetesException">Reading is forbidden, or the API server failed.</exception>
    Task<SecretMaterial?> ReadAsync(TlsSecretRef secret, CancellationToken cancellationToken);

    /// <summary>Whether a Secret exists, by its metadata; a listing with a label selector may omit it.</summary>
    /// <returns>False only if the API server itself reports that there is none.</returns>
    /// <exception cref="Kubernetes.KubernetesException">Reading is forbidden, or the API server failed.</exception>
    Task<bool> ExistsAsync(string secretNamespace, string name, CancellationToken cancellationToken);
}

/// <summary>The Secrets of the cluster, by their metadata.</summary>
/// <param name="Secrets">Each once.</param>
/// <param name="Incomplete">The namespaces of which Secrets may be missing from <paramref name="Secrets"/>.</param>
public sealed record SecretListing(ImmutableArray<TlsSecretRef> Secrets, ImmutableArray<NamespaceFault> Incomplete)
{
    /// <summary>Whether a Secret that is not in the listing does not exist, unless the query excludes it.</summary>
    public bool IsComplete => Incomplete.IsEmpty;
}

/// <summary>A namespace whose Secrets could not be listed, or not all of them.</summary>
/// <param name="IsTooLarge">Whether its own Secrets are the cause. It then reserves no name: a tenant could block every new certificate of other namespaces that way.</param>
public sealed record NamespaceFault(string Namespace, string Sentence, bool IsTooLarge = false);
