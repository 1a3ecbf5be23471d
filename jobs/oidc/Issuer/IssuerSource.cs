using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Discovery;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc.Issuer;

/// <summary>The cluster's issuer as all of its API servers serve it, checked.</summary>
/// <param name="options">Which API servers, and which issuer is expected.</param>
/// <param name="connection">The connection by which the others are reached, too.</param>
/// <param name="log">Where warnings go.</param>
public sealed class IssuerSource(OidcOptions options, KubernetesConnection connection, ILogger<IssuerSource> log)
{
    /// <summary>Reads, checks and joins the documents.</summary>
    /// <exception cref="JobException">An API server cannot be read, or what it serves must not be published.</exception>
    public async Task<CheckedIssuer> ReadAsync(CancellationToken cancellation)
    {
        var servers = options.AllApiServers ? await connection.ApiServersAsync(cancellation) : options.ApiServers;
        if (options.AllApiServers && servers.Count == 0)
        {
            throw new JobException(
                $"The EndpointSlice default/kubernetes at {connection.Server} names no API server: give each with --api-server.", ExitCode.Usage);
        }

        var issuers = servers.Count == 0
            ? [await ReadAsync(connection, cancellation)]
            : await Task.WhenAll(servers.Select(async server =>
            {
                using var other = connection.To(server);
                return await ReadAsync(other, cancellation);
            }));
        var issuer = KeySets.Join(issuers);
        foreach (var notice in issuer.Notices)
        {
            log.IssuerNotice(notice);
        }

        foreach (var warning in issuer.Warnings)
        {
            log.IssuerWarning(warning);
        }

        return issuer;
    }

    private async Task<CheckedIssuer> ReadAsync(KubernetesConnection server, CancellationToken cancellation)
    {
        var documents = await IssuerReader.ReadAsync(server, cancellation);
        return IssuerRules.Check(documents, options.Issuer, [connection.Server.IdnHost, server.Server.IdnHost]).ThrowIfRefused();
    }
}
