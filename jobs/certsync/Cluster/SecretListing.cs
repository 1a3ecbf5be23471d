using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Cluster;

/// <summary>The Secrets that there are, by their metadata.</summary>
/// <param name="Secrets">Each once.</param>
/// <param name="Incomplete">The namespaces of which Secrets may be missing from <paramref name="Secrets"/>.</param>
public sealed record SecretListing(ImmutableArray<TlsSecretRef> Secrets, ImmutableArray<NamespaceFault> Incomplete)
{
    /// <summary>Whether a Secret that is not in the listing does not exist, as far as the query goes.</summary>
    public bool IsComplete => Incomplete.IsEmpty;
}
