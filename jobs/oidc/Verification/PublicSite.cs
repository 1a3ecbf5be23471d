using System.Security.Authentication;

namespace ClusterTrust.Oidc.Verification;

/// <summary>Fetches documents as a cloud does: over verified TLS, without credentials, following redirects within the host only.</summary>
/// <param name="handler">Sends the requests without following redirects; null uses the proxies and CAs of the environment.</param>
/// <param name="timeout">How long one document may take; 15 seconds when null.</param>
internal sealed partial class PublicSite(HttpMessageHandler? handler = null, TimeSpan? timeout = null) : IDisposable
{
    private const int MaxRedirects = 5;

    // A NetworkPolicy drops packets silently; a reachable site accepts a connection at once.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client = new(handler ?? CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly TimeSpan _timeout = timeout ?? TimeSpan.FromSeconds(15);

    /// <summary>Fetches one document. Faults of the network and the site are in the result, not thrown.</summary>
    public async Task<FetchedDocument> FetchAsync(Uri url, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_timeout);
        try
        {
            return await FollowAsync(url, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NotReceived(url, $"{Sanitizer.Sanitize(url)} did not answer within {(deadline.IsCancellationRequested ? _timeout : ConnectTimeout).TotalSeconds:0.#} seconds.");
        }
        catch (HttpRequestException fault)
        {
            return Explain(url, fault);
        }
        catch (IOException)
        {
            return NotReceived(url, $"The response of {Sanitizer.Sanitize(url)} is incomplete.");
        }
    }

    public void Dispose() => _client.Dispose();

    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        SslOptions = { RemoteCertificateValidationCallback = ServerCertificateException.Validate },
    };

    private static FetchedDocument NotReceived(Uri url, string fault, bool isSiteFault = false) => new(url, 0, default) { Fault = fault, IsSiteFault = isSiteFault };

    private static FetchedDocument Unusable(Uri url, int status, string fault) => new(url, status, default) { Fault = fault };

    private static FetchedDocument Explain(Uri url, HttpRequestException fault) => fault.HttpRequestError switch
    {
        _ when ProxyFault.Unusable(fault, url) is { } unusable => NotReceived(url, $"The proxy on the way to {url.Host} {unusable}."),
        _ when ProxyFault.Unreachable(fault, url) is { } unreachable => NotReceived(url, $"The proxy {unreachable}."),
        _ when fault.InnerException is ServerCertificateException certificate => NotReceived(
            url, $"{url.Host} {Explain(certificate)}.", isSiteFault: certificate.Kind != CertificateFault.NotTrusted),
        HttpRequestError.SecureConnectionError when fault.InnerException is AuthenticationException => NotReceived(
            url, $"No TLS connection to {url.Host} can be negotiated: its port {url.Port} must support TLS 1.2 or newer; clouds will refuse it, too.", isSiteFault: true),
        HttpRequestError.ProxyTunnelError => NotReceived(url, $"The proxy refused the connection to {url.Host}: check HTTPS_PROXY and NO_PROXY."),
        _ => NotReceived(
            url, $"{Sanitizer.Sanitize(url)} cannot be reached ({fault.HttpRequestError}): check the issuer's host name and its DNS record, and the NetworkPolicy, HTTPS_PROXY and NO_PROXY of this pod."),
    };

    /// <summary>An untrusted CA may be missing in this pod only.</summary>
    private static string Explain(ServerCertificateException certificate) => certificate.Explain(
        "clouds will refuse it, too, unless only this pod lacks its CA (SSL_CERT_FILE)",
        certificate.OtherNames?.Contains("*.github.io", StringComparer.OrdinalIgnoreCase) == true
            ? "it is GitHub's, because Pages has not issued the custom domain's certificate yet; check its DNS record and the custom domain in the Pages settings, and wait up to a day"
            : "correct the certificate, or the issuer's host name");

    private async Task<FetchedDocument> FollowAsync(Uri url, CancellationToken cancellationToken)
    {
        var at = url;
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            request.Headers.Accept.ParseAdd("application/json, */*;q=0.1");
            request.Headers.UserAgent.ParseAdd("clustertrust-oidc");
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                var document = await ReadAsync(url, response, cancellationToken);
                return document with { RedirectedTo = at == url ? null : at };
            }

            if (Refuse(url, at, response, redirects) is { } refused)
            {
                return refused;
            }

            at = new Uri(at, response.Headers.Location!);
        }
    }

    /// <summary>A redirect that a cloud would not follow, or null.</summary>
    private static FetchedDocument? Refuse(Uri url, Uri at, HttpResponseMessage response, int redirects)
    {
        var status = (int)response.StatusCode;
        Uri.TryCreate(at, response.Headers.Location, out var next);
        return next switch
        {
            null => Unusable(url, status, $"{Sanitizer.Sanitize(at)} is answered with a redirect ({status}) without a valid Location: serve the document there."),
            _ when next.Scheme != Uri.UriSchemeHttps => Unusable(
                url, status, $"{Sanitizer.Sanitize(at)} redirects to {Sanitizer.Sanitize(next)}, without TLS, which clouds do not follow: serve the documents over https at the issuer's own address."),
            _ when !next.DnsSafeHost.Equals(url.DnsSafeHost, StringComparison.OrdinalIgnoreCase) || next.Port != url.Port => Unusable(
                url, status, $"{Sanitizer.Sanitize(at)} redirects to {Sanitizer.Sanitize(next)}, which is on another host and which clouds do not follow: serve the documents at the issuer's own address."),
            _ when redirects == MaxRedirects => Unusable(url, status, $"{Sanitizer.Sanitize(url)} redirects more than {MaxRedirects} times: serve the document there."),
            _ => null,
        };
    }

    private static async Task<FetchedDocument> ReadAsync(Uri url, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentEncoding.FirstOrDefault(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)) is { } coding)
        {
            return Unusable(url, status, $"{Sanitizer.Sanitize(url)} is sent compressed ({Sanitizer.Sanitize(coding)}) although no encoding was requested, so clouds cannot read it: configure the server to compress only for clients that send Accept-Encoding.");
        }

        var body = await StrictJson.ReadBodyAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken);
        return new FetchedDocument(url, status, body)
        {
            ContentType = response.Content.Headers.ContentType?.ToString(),
            Age = response.Headers.Age,
            MaxAge = MaxAgeOf(response),
            LastModified = response.Content.Headers.LastModified,
        };
    }

    /// <summary>
    /// The longer one of what a browser and a CDN may do (<c>max-age</c>, <c>s-maxage</c>), or null. One of ten digits or more, which .NET
    /// may not read, is the longest there is (RFC 9111 §1.2.2).
    /// </summary>
    private static TimeSpan? MaxAgeOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Cache-Control", out var sent) && LongAge().IsMatch(sent.ToString()) ? TimeSpan.FromSeconds(int.MaxValue)
        : response.Headers.CacheControl is { } control ? control.SharedMaxAge is { } shared && !(control.MaxAge > shared) ? shared : control.MaxAge
        : null;

    [GeneratedRegex("""max-?age\s*=\s*"?0*[1-9][0-9]{9}""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex LongAge();
}

/// <summary>A document as the public site returned it.</summary>
/// <param name="Status">The HTTP status code; 0 when there was no response.</param>
internal sealed record FetchedDocument(Uri Url, int Status, ReadOnlyMemory<byte> Bytes)
{
    public string? ContentType { get; init; }

    /// <summary>How old the copy of the responding cache is (<c>Age</c>, RFC 9111 §5.1), or null.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>How long a cache may serve a copy (<c>max-age</c> or <c>s-maxage</c>), or null.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>When the site last changed the document (<c>Last-Modified</c>), or null.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>Where on the same host a redirect led to, or null.</summary>
    public Uri? RedirectedTo { get; init; }

    /// <summary>Why there is no response, or no usable one, one sentence; null when there is one.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether the site is at fault although there was no response: its certificate, or its TLS.</summary>
    public bool IsSiteFault { get; init; }

    /// <summary>Whether there was no response because of the network, not of the site.</summary>
    public bool IsUnreachable => Fault is not null && Status == 0 && !IsSiteFault;

    /// <summary>How much longer a cache may serve a copy as old as this one.</summary>
    public TimeSpan? CachedFor => MaxAge is { } most && most > (Age ?? TimeSpan.Zero) ? most - (Age ?? TimeSpan.Zero) : null;
}
