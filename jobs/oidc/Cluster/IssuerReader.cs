using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>The cluster's issuer as the publisher sees it.</summary>
internal interface IIssuerReader
{
    /// <summary>Reads, checks and joins the documents of all API servers.</summary>
    /// <exception cref="JobException">An API server cannot be read, or what it serves must not be published.</exception>
    Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Which API servers are read, and which issuer they must serve.</summary>
internal sealed record IssuerReaderOptions
{
    /// <summary>The issuer that every API server must serve, to the character; null accepts the API server's.</summary>
    public string? Issuer { get; init; }

    /// <summary>The API servers to read by their own addresses; empty for the one of the connection.</summary>
    public IReadOnlyList<Uri> ApiServers { get; init; } = [];

    /// <summary>Read every API server in the EndpointSlice <c>default/kubernetes</c>. Excludes <see cref="ApiServers"/>.</summary>
    public bool AllApiServers { get; init; }

    /// <summary>The file with the discovery document, to read instead of API servers; null to read these.</summary>
    public string? DiscoveryFile { get; init; }

    /// <summary>The file with the key set that belongs to <see cref="DiscoveryFile"/>.</summary>
    public string? JwksFile { get; init; }
}

/// <summary>Reads both documents of every API server as they are served, and checks them.</summary>
internal sealed class IssuerReader(IssuerReaderOptions options, KubernetesConnection connection) : IIssuerReader
{
    public async Task<CheckedIssuer> ReadAsync(CancellationToken cancellationToken)
    {
        var servers = options.AllApiServers ? await connection.ApiServersAsync(cancellationToken) : options.ApiServers;
        var issuers = servers.Count == 0
            ? [await CheckAsync(connection, cancellationToken)]
            : await Task.WhenAll(servers.Select(async server =>
            {
                using var other = connection.To(server);
                return await CheckAsync(other, cancellationToken);
            }));
        return CheckedIssuer.Join(issuers);
    }

    private async Task<CheckedIssuer> CheckAsync(KubernetesConnection server, CancellationToken cancellationToken)
    {
        var discovery = ReadAsync(server, IssuerDocuments.DiscoveryPath, "application/json", cancellationToken);
        var jwks = ReadAsync(server, IssuerDocuments.JwksPath, "application/jwk-set+json, application/json;q=0.9", cancellationToken);
        var documents = new IssuerDocuments(await discovery, await jwks);
        return IssuerRules.Check(documents, options.Issuer, [connection.Server.IdnHost, server.Server.IdnHost, .. server.CertificateNames]).ThrowIfRefused();
    }

    private static async Task<ServedDocument> ReadAsync(KubernetesConnection server, string path, string accept, CancellationToken cancellationToken)
    {
        var source = new Uri(server.Server, path);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept);
        try
        {
            return await server.ReadAsync(
                request,
                async (response, token) => new ServedDocument(
                    source,
                    (int)response.StatusCode,
                    response.Content.Headers.ContentType?.ToString(),
                    await ServedDocument.ReadBodyAsync(await response.Content.ReadAsStreamAsync(token), token)),
                cancellationToken);
        }
        catch (KubernetesException fault) when (fault.Status is { } status && status is (>= HttpStatusCode.Moved and < HttpStatusCode.BadRequest) or HttpStatusCode.NotFound)
        {
            // The rules explain what a redirect or a missing document of an issuer means.
            return new ServedDocument(source, (int)status, null, ReadOnlyMemory<byte>.Empty);
        }
    }
}
