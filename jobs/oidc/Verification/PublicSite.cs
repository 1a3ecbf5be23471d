using System.Net;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Verification;

/// <summary>Fetches documents as a cloud does: over verified TLS, without credentials, following redirects within the host only.</summary>
public sealed class PublicSite : IDisposable
{
    private const int MaxRedirects = 5;
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    // A NetworkPolicy drops packets in silence; a site that can be reached takes a connection at once.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient client;
    private readonly TimeSpan timeout;

    /// <param name="handler">Sends the requests, not following redirects; one of this process's environment (proxies, trusted CAs) when null.</param>
    /// <param name="timeout">How long one document may take; 15 seconds when null.</param>
    public PublicSite(HttpMessageHandler? handler = null, TimeSpan? timeout = null)
    {
        this.timeout = timeout ?? DefaultTimeout;
        client = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectTimeout, PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Fetches one document; never throws for what a network or a site may do.</summary>
    public async Task<FetchedDocument> FetchAsync(Uri url, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            return await FollowAsync(url, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Unreachable(url, $"{Shown.Of(url)} did not answer within {(deadline.IsCancellationRequested ? timeout : ConnectTimeout).TotalSeconds:0.#} seconds.");
        }
        catch (HttpRequestException fault)
        {
            return Unreachable(url, SentenceOf(url, fault));
        }
        catch (IOException)
        {
            return Unreachable(url, $"The answer of {Shown.Of(url)} broke off.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private static FetchedDocument Unreachable(Uri url, string fault) => new(url, 0, default) { Fault = fault };

    private static string SentenceOf(Uri url, HttpRequestException fault) => fault.HttpRequestError switch
    {
        _ when ProxyFault.Unreachable(fault) is { } missing => $"The proxy {missing}.",
        HttpRequestError.NameResolutionError => $"The host {url.Host} does not resolve: is the issuer's host name right, and is its DNS record made?",
        HttpRequestError.SecureConnectionError => $"The TLS certificate of {url.Host} is not trusted: clouds will refuse it, too, unless only this pod lacks its CA (SSL_CERT_FILE).",
        HttpRequestError.ProxyTunnelError when ProxyFault.CredentialsWanted(fault) is { } wanted => $"The proxy on the way to {url.Host} {wanted}.",
        HttpRequestError.ProxyTunnelError => $"The proxy does not let {url.Host} be reached (HTTPS_PROXY, NO_PROXY).",
        _ => $"{Shown.Of(url)} cannot be reached: may this pod speak to it (NetworkPolicy, HTTPS_PROXY)?",
    };

    private async Task<FetchedDocument> FollowAsync(Uri url, CancellationToken cancellation)
    {
        var at = url;
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            request.Headers.Accept.ParseAdd("application/json, */*;q=0.1");
            request.Headers.UserAgent.ParseAdd("clustertrust-oidc");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var status = (int)response.StatusCode;
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return await ReadAsync(url, response, cancellation);
            }

            var next = Uri.TryCreate(at, response.Headers.Location, out var location) ? location : null;
            if (next is null || redirects == MaxRedirects)
            {
                return new FetchedDocument(url, status, default) { Fault = $"{Shown.Of(url)} redirects without end." };
            }

            if (next.Scheme != Uri.UriSchemeHttps || !next.Host.Equals(url.Host, StringComparison.OrdinalIgnoreCase))
            {
                return new FetchedDocument(url, status, default)
                {
                    Fault = $"{Shown.Of(url)} redirects to {Shown.Of(next)}, which is not on its host: clouds do not follow; serve the documents at the issuer's own address.",
                };
            }

            at = next;
        }
    }

    private static async Task<FetchedDocument> ReadAsync(Uri url, HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var bytes = new byte[ServedDocument.MaxBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return new FetchedDocument(url, (int)response.StatusCode, bytes.AsMemory(0, length))
        {
            ContentType = response.Content.Headers.ContentType?.ToString(),
            Age = response.Headers.Age,
            MaxAge = response.Headers.CacheControl?.MaxAge,
        };
    }
}
