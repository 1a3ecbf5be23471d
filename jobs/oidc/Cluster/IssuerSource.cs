using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Discovery;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>Which API servers are read, and which issuer they must serve.</summary>
public sealed record IssuerSourceOptions
{
    /// <summary>The issuer that every API server must serve, to the character; null takes the API server's.</summary>
    public string? Issuer { get; init; }

    /// <summary>The API servers to read by their own addresses; empty for the one of the connection.</summary>
    public IReadOnlyList<Uri> ApiServers { get; init; } = [];

    /// <summary>Read every API server that the EndpointSlice <c>default/kubernetes</c> names. Excludes <see cref="ApiServers"/>.</summary>
    public bool AllApiServers { get; init; }

    /// <summary>The file with the discovery document, instead of API servers; null to read these.</summary>
    public string? DiscoveryFile { get; init; }

    /// <summary>The file with the key set that belongs to <see cref="DiscoveryFile"/>.</summary>
    public string? JwksFile { get; init; }
}

/// <summary>The cluster's issuer as all of its API servers serve it, checked.</summary>
/// <param name="options">Which API servers, and which issuer is expected.</param>
/// <param name="connection">The connection by which the others are reached, too.</param>
public sealed class IssuerSource(IssuerSourceOptions options, KubernetesConnection connection) : IIssuerSource
{
    /// <inheritdoc/>
    public async Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken)
    {
        var servers = options.AllApiServers ? await connection.ApiServersAsync(cancellationToken) : options.ApiServers;
        if (options.AllApiServers && servers.Count == 0)
        {
            throw new JobException(
                $"The EndpointSlice default/kubernetes at {connection.Server} names no API server: give each with --api-server.", ExitCode.Usage);
        }

        var issuers = servers.Count == 0
            ? [await ReadAsync(connection, cancellationToken)]
            : await Task.WhenAll(servers.Select(async server =>
            {
                using var other = connection.To(server);
                return await ReadAsync(other, cancellationToken);
            }));
        return KeySets.Join(issuers);
    }

    private async Task<CheckedIssuer> ReadAsync(KubernetesConnection server, CancellationToken cancellationToken)
    {
        var documents = await IssuerReader.ReadAsync(server, cancellationToken);
        return IssuerRules.Check(documents, options.Issuer, [connection.Server.IdnHost, server.Server.IdnHost, .. server.CertificateNames]).ThrowIfRefused();
    }
}
