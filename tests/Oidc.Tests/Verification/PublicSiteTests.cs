using System.Security.Authentication;

namespace ClusterTrust.Oidc.Tests.Verification;

public sealed class PublicSiteTests
{
    private static readonly Uri Url = new("https://example.github.io/cluster-a/openid/v1/jwks");

    [Fact]
    public async Task The_body_and_the_cache_headers_are_read_and_nothing_secret_is_sent()
    {
        using var handler = new StubHandler(request =>
        {
            Assert.Null(request.Headers.Authorization);
            Assert.False(request.Headers.Contains("Cookie"));
            var response = Response("{}");
            response.Headers.Age = TimeSpan.FromSeconds(7);
            response.Headers.CacheControl = new() { MaxAge = TimeSpan.FromSeconds(600) };
            return response;
        });

        var fetched = await FetchAsync(handler);

        Assert.Equal("{}", Encoding.UTF8.GetString(fetched.Bytes.Span));
        Assert.Equal((200, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(593)), (fetched.Status, fetched.Age, fetched.CachedFor));
        Assert.Equal("text/plain; charset=utf-8", fetched.ContentType);
    }

    /// <summary>Longer than 31 bits, .NET does not read it, and <c>rotate</c> would take it for ten minutes.</summary>
    [Theory]
    [InlineData("max-age=99999999999", int.MaxValue)]
    [InlineData("public, S-MaxAge=\"4294967296\", max-age=600", int.MaxValue)]
    [InlineData("max-age=0000000600", 600)]
    [InlineData("max-age=abc", null)]
    public async Task A_time_in_caches_that_is_longer_than_any_is_the_longest(string sent, int? seconds)
    {
        using var handler = new StubHandler(_ =>
        {
            var response = Response("{}");
            response.Headers.TryAddWithoutValidation("Cache-Control", sent);
            return response;
        });

        Assert.Equal(seconds, (await FetchAsync(handler)).MaxAge?.TotalSeconds);
    }

    [Theory]
    [InlineData(HttpStatusCode.MovedPermanently), InlineData(HttpStatusCode.Found), InlineData(HttpStatusCode.SeeOther)]
    [InlineData(HttpStatusCode.TemporaryRedirect), InlineData(HttpStatusCode.PermanentRedirect)]
    public async Task A_redirect_within_the_host_is_followed(HttpStatusCode status)
    {
        using var handler = new StubHandler(request => request.RequestUri == Url ? Redirect("/elsewhere", status) : Response("there"));

        var fetched = await FetchAsync(handler);

        Assert.Equal("there", Encoding.UTF8.GetString(fetched.Bytes.Span));
        Assert.Equal(["/cluster-a/openid/v1/jwks", "/elsewhere"], handler.Requests.Select(request => request.AbsolutePath));
        Assert.Equal("/elsewhere", fetched.RedirectedTo!.AbsolutePath);
    }

    [Theory]
    [InlineData("https://example.com/jwks", "which is on another host and which clouds do not follow")]
    [InlineData("https://xn--\u00e4.example/jwks", "which is on another host and which clouds do not follow")]
    [InlineData("https://example.github.io:8443/jwks", "which is on another host and which clouds do not follow")]
    [InlineData("http://example.github.io/jwks", "redirects to http://example.github.io/jwks, without TLS, which clouds do not follow")]
    [InlineData(null, "without a valid Location")]
    public async Task A_redirect_that_no_cloud_follows_is_an_error(string? location, string sentence)
    {
        using var handler = new StubHandler(_ => Redirect(location));

        var fetched = await FetchAsync(handler);

        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
        Assert.False(fetched.IsUnreachable);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        using var handler = new StubHandler(_ => Redirect(Url.AbsoluteUri));

        Assert.Contains("redirects more than 5 times", (await FetchAsync(handler)).Fault, StringComparison.Ordinal);
        Assert.Equal(6, handler.Requests.Count);
    }

    [Fact]
    public async Task An_unrequested_compression_is_an_error()
    {
        using var handler = new StubHandler(_ =>
        {
            var response = Response("\u001b");
            response.Content.Headers.ContentEncoding.Add("br");
            return response;
        });

        Assert.Contains("is sent compressed (br)", (await FetchAsync(handler)).Fault, StringComparison.Ordinal);
    }

    /// <summary>Judged by the real callback over a real connection. A CA that is not trusted may be missing in this pod only.</summary>
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

        var fetched = await site.FetchAsync(new($"https://localhost:{server.Port}/jwks"), default);

        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
        Assert.Equal(isUnreachable, fetched.IsUnreachable);
    }

    [Theory]
    [InlineData("missing", "presents no certificate", false)]
    [InlineData("partial", "that is not trusted (PartialChain)", true)]
    [InlineData("expired", "that is not currently valid (", false)]
    [InlineData("names", "for other names (api.example, 10.96.0.1)", false)]
    [InlineData("names expired", "that is not currently valid (", false)]
    public async Task Only_a_CA_that_is_not_trusted_may_be_this_pod_s_fault(string faults, string sentence, bool isUnreachable)
    {
        using var handler = new StubHandler(_ => throw new HttpRequestException(
            HttpRequestError.SecureConnectionError, null, CertificateCallback.Call(ServerCertificateException.Validate, faults.Split(' '))));

        var fetched = await FetchAsync(handler);

        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
        Assert.Equal(isUnreachable, fetched.IsUnreachable);
    }

    [Fact]
    public async Task An_endless_body_is_read_no_further_than_it_is_refused()
    {
        using var body = File.OpenRead("/dev/zero");
        using var handler = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) });

        Assert.Equal(StrictJson.MaxBytes + 1, (await FetchAsync(handler)).Bytes.Length);
    }

    public static TheoryData<HttpRequestError, Exception?, string, bool> NetworkFaults => new()
    {
        { HttpRequestError.NameResolutionError, null, "cannot be reached (NameResolutionError): check the issuer's host name and its DNS record", true },
        { HttpRequestError.SecureConnectionError, null, "cannot be reached (SecureConnectionError)", true },
        { HttpRequestError.SecureConnectionError, new AuthenticationException(), "must support TLS 1.2 or newer", false },
        { HttpRequestError.ProxyTunnelError, null, "The proxy refused the connection to example.github.io", true },
        { HttpRequestError.InvalidResponse, null, "cannot be reached (InvalidResponse)", true },
    };

    [Theory]
    [MemberData(nameof(NetworkFaults))]
    public async Task A_fault_of_the_network_is_a_result_and_not_thrown(HttpRequestError error, Exception? cause, string sentence, bool isUnreachable)
    {
        using var handler = new StubHandler(_ => throw new HttpRequestException(error, "no", cause));

        var fetched = await FetchAsync(handler);

        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
        Assert.Equal(isUnreachable, fetched.IsUnreachable);
    }

    [Fact]
    public async Task A_run_that_is_stopped_stops_here_too()
    {
        using var handler = new StubHandler(_ => Response("{}"));
        using var site = new PublicSite(handler);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => site.FetchAsync(Url, new CancellationToken(canceled: true)));
    }

    private static async Task<FetchedDocument> FetchAsync(StubHandler handler)
    {
        using var site = new PublicSite(handler);
        return await site.FetchAsync(Url, default);
    }

    private static HttpResponseMessage Response(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text) };

    private static HttpResponseMessage Redirect(string? location, HttpStatusCode status = HttpStatusCode.Found) =>
        new(status) { Headers = { Location = location is null ? null : new Uri(location, UriKind.RelativeOrAbsolute) } };
}
