using System.Net;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Cluster;

/// <summary>Reads both documents of one API server, as they are served.</summary>
internal static class IssuerReader
{
    /// <summary>Reads them.</summary>
    /// <param name="connection">The API server.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="KubernetesException">The API server cannot be reached, or does not let this ServiceAccount read them.</exception>
    public static async Task<IssuerDocuments> ReadAsync(KubernetesConnection connection, CancellationToken cancellationToken)
    {
        var discovery = ReadAsync(connection, IssuerDocuments.DiscoveryPath, "application/json", cancellationToken);
        var jwks = ReadAsync(connection, IssuerDocuments.JwksPath, "application/jwk-set+json, application/json;q=0.9", cancellationToken);
        return new IssuerDocuments(await discovery, await jwks);
    }

    private static async Task<ServedDocument> ReadAsync(
        KubernetesConnection connection, string path, string accept, CancellationToken cancellationToken)
    {
        var source = new Uri(connection.Server, path);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept);
        try
        {
            return await connection.ReadAsync(
                request,
                async (response, token) => new ServedDocument(
                    source,
                    (int)response.StatusCode,
                    response.Content.Headers.ContentType?.ToString(),
                    await ReadBodyAsync(response, token)),
                cancellationToken);
        }
        catch (KubernetesException fault) when (fault.Status is { } status && status is (>= HttpStatusCode.Moved and < HttpStatusCode.BadRequest) or HttpStatusCode.NotFound)
        {
            // The rules say what a redirect or a missing document of an issuer means.
            return new ServedDocument(source, (int)status, null, ReadOnlyMemory<byte>.Empty);
        }
    }

    /// <summary>The body, or so much of it that it is refused as too large: an endless one ends here.</summary>
    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[ServedDocument.MaxBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return bytes[..length];
    }
}
