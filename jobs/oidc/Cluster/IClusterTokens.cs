using ClusterTrust.Hosting;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>ServiceAccount tokens of the cluster, to prove its issuer with.</summary>
public interface IClusterTokens
{
    /// <summary>A token, or null where none can be had: the credentials are not those of a ServiceAccount.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="JobException">The token that was asked for cannot be had.</exception>
    Task<JsonWebToken?> GetAsync(CancellationToken cancellationToken);
}
