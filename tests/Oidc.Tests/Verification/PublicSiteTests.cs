using System.Security.Authentication;

namespace ClusterTrust.Oidc.Tests.Verification;

public sealed class PublicSiteTests
{
    private static readonly Uri Url = new("https://example.github.io/cluster-a/openid/v1/jwks");

    private readonly List<HttpRequestMessage> _requests = [];

    [Fact]
    public async Task The_body_and_the_cache_headers_are_read_and_nothing_secret_is_sent()
    {
        var fetched = await FetchAsync(static _ => Response("{}", static response =>
        {
            response.Headers.Age = TimeSpan.FromSeconds(7);
            response.Headers.CacheControl = new() { MaxAge = TimeSpan.FromSeconds(600) };
        }));
        Assert.Equal("{}", Encoding.UTF8.GetString(fetched.Bytes.Span));
        Assert.Equal((200, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(593)), (fetched.Status, fetched.Age, fetched.CachedFor));
        Assert.Equal("text/plain; charset=utf-8", fetched.ContentType);
        var request = Assert.Single(_requests);
        Assert.Null(request.Headers.Authorization);
        Assert.False(request.Headers.Contains("Cookie"));
    }

    /// <summary>Longer than 31 bits, .NET does not read it, and <c>rotate</c> would take it for ten minutes.</summary>
    [Theory]
    [InlineData("max-age=99999999999", int.MaxValue)]
    [InlineData("public, S-MaxAge=\"4294967296\", max-age=600", int.MaxValue)]
    [InlineData("max-age=0000000600", 600)]
    [InlineData("max-age=abc", null)]
    public async Task A_time_in_caches_that_is_longer_than_any_is_the_longest(string sent, int? seconds) => Assert.Equal(
        seconds, (await FetchAsync(_ => Response("{}", response => response.Headers.TryAddWithoutValidation("Cache-Control", sent)))).MaxAge?.TotalSeconds);

    [Theory]
    [InlineData(HttpStatusCode.MovedPermanently), InlineData(HttpStatusCode.Found), InlineData(HttpStatusCode.SeeOther)]
    [InlineData(HttpStatusCode.TemporaryRedirect), InlineData(HttpStatusCode.PermanentRedirect)]
    public async Task A_redirect_within_the_host_is_followed(HttpStatusCode status)
    {
        var fetched = await FetchAsync(request => request.RequestUri == Url ? Redirect("/elsewhere", status) : Response("there"));
        Assert.Equal("there", Encoding.UTF8.GetString(fetched.Bytes.Span));
        Assert.Equal(["/cluster-a/openid/v1/jwks", "/elsewhere"], _requests.Select(static request => request.RequestUri!.AbsolutePath));
        Assert.Equal("/elsewhere", fetched.RedirectedTo!.AbsolutePath);
    }

    [Theory]
    [InlineData("https://example.com/jwks", "which is on another host and which clouds do not follow")]
    [InlineData("https://xn--\u00e4.example/jwks", "which is on another host and which clouds do not follow")]
    [InlineData("https://example.github.io:8443/jwks", "which is on another host and which clouds do not follow")]
    [InlineData("http://example.github.io/jwks", "redirects to http://example.github.io/jwks, without TLS, which clouds do not follow")]
    [InlineData(null, "without a valid Location")]
    [InlineData("https://example.github.io/cluster-a/openid/v1/jwks", "redirects more than 5 times", 6)]
    public async Task A_redirect_that_no_cloud_follows_is_an_error(string? location, string sentence, int requests = 1)
    {
        var fetched = await FetchAsync(_ => Redirect(location));
        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
        Assert.False(fetched.IsUnreachable);
        Assert.Equal(requests, _requests.Count);
    }

    /// <summary>Checked by the real callback over a real connection. A CA that is not trusted may be missing in this pod only.</summary>
    [Theory]
    [InlineData("other.example", true, "presents a certificate for other names (other.example)", false)]
    [InlineData("*.github.io", true, "Pages has not issued the custom domain's certificate yet", false)]
    [InlineData("localhost", false, "that is not trusted (PartialChain): clouds will refuse it, too", true)]
    public async Task A_certificate_that_is_not_accepted_is_the_site_s_fault(string name, bool isTrusted, string sentence, bool isUnreachable)
    {
        using var authority = new CertificateAuthority();
        using var certificate = (isTrusted ? CertificateAuthority.OfProcess : authority).Issue([name]);
        await using var server = new TlsServer().Serve("localhost", certificate);
        using var site = new PublicSite();
        AssertFault(sentence, isUnreachable, await site.FetchAsync(new($"https://localhost:{server.Port}/jwks"), default));
    }

    [Fact]
    public async Task An_unrequested_compression_is_an_error_and_an_endless_body_is_read_no_further_than_it_is_refused()
    {
        Assert.Contains(
            "is sent compressed (br)", (await FetchAsync(static _ => Response("\u001b", static response => response.Content.Headers.ContentEncoding.Add("br")))).Fault, StringComparison.Ordinal);
        using var body = File.OpenRead("/dev/zero");
        Assert.Equal(StrictJson.MaxBytes + 1, (await FetchAsync(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) })).Bytes.Length);
    }

    /// <summary>A cause in words is what is wrong with the server's certificate. Only a CA that is not trusted may be this pod's fault.</summary>
    public static TheoryData<HttpRequestError, string?, string, bool> NetworkFaults => new()
    {
        { HttpRequestError.NameResolutionError, null, "cannot be reached (NameResolutionError): check the issuer's host name and its DNS record", true },
        { HttpRequestError.SecureConnectionError, null, "cannot be reached (SecureConnectionError)", true },
        { HttpRequestError.SecureConnectionError, "", "must support TLS 1.2 or newer", false },
        { HttpRequestError.SecureConnectionError, "missing", "presents no certificate", false },
        { HttpRequestError.SecureConnectionError, "partial", "that is not trusted (PartialChain)", true },
        { HttpRequestError.SecureConnectionError, "expired", "that is not currently valid (", false },
        { HttpRequestError.SecureConnectionError, "names", "for other names (api.example, 10.96.0.1)", false },
        { HttpRequestError.SecureConnectionError, "names expired", "that is not currently valid (", false },
        { HttpRequestError.ProxyTunnelError, null, "The proxy refused the connection to example.github.io", true },
        { HttpRequestError.InvalidResponse, null, "cannot be reached (InvalidResponse)", true },
    };

    [Theory]
    [MemberData(nameof(NetworkFaults))]
    public async Task A_fault_of_the_network_is_a_result_and_not_thrown(HttpRequestError error, string? certificate, string sentence, bool isUnreachable)
    {
        var cause = certificate is null ? null : certificate.Length == 0 ? new AuthenticationException() : CertificateCallback.Call(ServerCertificateException.Validate, certificate.Split(' '));
        AssertFault(sentence, isUnreachable, await FetchAsync(_ => throw new HttpRequestException(error, "no", cause)));
    }

    [Fact]
    public Task A_run_that_is_stopped_stops_here_too() =>
        Assert.ThrowsAnyAsync<OperationCanceledException>(() => FetchAsync(static _ => Response("{}"), new CancellationToken(canceled: true)));

    private static void AssertFault(string sentence, bool isUnreachable, FetchedDocument fetched)
    {
        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
        Assert.Equal(isUnreachable, fetched.IsUnreachable);
    }

    private async Task<FetchedDocument> FetchAsync(Func<HttpRequestMessage, HttpResponseMessage> answer, CancellationToken cancellationToken = default)
    {
        using var handler = new StubHandler(request =>
        {
            _requests.Add(request);
            return answer(request);
        });
        using var site = new PublicSite(handler);
        return await site.FetchAsync(Url, cancellationToken);
    }

    private static HttpResponseMessage Response(string text, Action<HttpResponseMessage>? change = null)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text) };
        change?.Invoke(response);
        return response;
    }

    private static HttpResponseMessage Redirect(string? location, HttpStatusCode status = HttpStatusCode.Found) =>
        new(status) { Headers = { Location = location is null ? null : new Uri(location, UriKind.RelativeOrAbsolute) } };
}
