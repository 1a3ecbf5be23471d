using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>The cluster as the publisher sees it: its issuer, and a token that it signed.</summary>
public interface IIssuerSource
{
    /// <summary>Reads, checks and joins the documents of all API servers.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="JobException">An API server cannot be read, or what it serves must not be published.</exception>
    Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken);
}
