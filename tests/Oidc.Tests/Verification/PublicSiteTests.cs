using System.Net;
using System.Text;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Verification;
using ClusterTrust.Sandbox.Servers;

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
            var response = Response(HttpStatusCode.OK, "{}");
            response.Headers.Age = TimeSpan.FromSeconds(7);
            response.Headers.CacheControl = new() { MaxAge = TimeSpan.FromSeconds(600) };
            return response;
        });

        var fetched = await FetchAsync(handler);

        Assert.Equal("{}", Encoding.UTF8.GetString(fetched.Bytes.Span));
        Assert.Equal((200, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(593)), (fetched.Status, fetched.Age, fetched.CachedFor));
        Assert.Equal("text/plain; charset=utf-8", fetched.ContentType);
    }

    [Theory]
    [InlineData(HttpStatusCode.MovedPermanently)]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.SeeOther)]
    [InlineData(HttpStatusCode.TemporaryRedirect)]
    [InlineData(HttpStatusCode.PermanentRedirect)]
    public async Task A_redirect_within_the_host_is_followed(HttpStatusCode status)
    {
        using var handler = new StubHandler(request => request.RequestUri == Url ? Redirect(status, "/elsewhere") : Response(HttpStatusCode.OK, "there"));

        var fetched = await FetchAsync(handler);

        Assert.Equal("there", Encoding.UTF8.GetString(fetched.Bytes.Span));
        Assert.Equal(["/cluster-a/openid/v1/jwks", "/elsewhere"], handler.Requests.Select(request => request.AbsolutePath));
        Assert.Equal("/elsewhere", fetched.RedirectedTo!.AbsolutePath);
    }

    [Theory]
    [InlineData("https://example.com/jwks")]
    [InlineData("https://example.github.io.example.com/jwks")]
    [InlineData("https://example.github.io:8443/jwks")]
    public async Task A_redirect_off_the_host_is_not_followed(string location)
    {
        using var handler = new StubHandler(_ => Redirect(HttpStatusCode.Found, location));

        var fetched = await FetchAsync(handler);

        Assert.Contains("which is on another host and which clouds do not follow", fetched.Fault, StringComparison.Ordinal);
        Assert.False(fetched.IsUnreachable);
        Assert.Single(handler.Requests);
    }

    [Theory]
    [InlineData("http://example.github.io/jwks", "redirects to http://example.github.io/jwks, without TLS, which clouds do not follow")]
    [InlineData(null, "without a valid Location")]
    public async Task A_redirect_that_no_cloud_follows_is_an_error(string? location, string sentence)
    {
        using var handler = new StubHandler(_ => location is null ? new HttpResponseMessage(HttpStatusCode.Found) : Redirect(HttpStatusCode.Found, location));

        var fetched = await FetchAsync(handler);

        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
        Assert.False(fetched.IsUnreachable);
    }

    [Fact]
    public async Task An_unrequested_compression_is_an_error()
    {
        using var handler = new StubHandler(_ =>
        {
            var response = Response(HttpStatusCode.OK, "\u001b");
            response.Content.Headers.ContentEncoding.Add("br");
            return response;
        });

        Assert.Contains("is sent compressed (br)", (await FetchAsync(handler)).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other.example", "presents a TLS certificate for other names (other.example)", false)]
    [InlineData("*.github.io", "Pages has not issued the custom domain's certificate yet", false)]
    public async Task A_certificate_for_other_names_is_the_site_s_fault(string name, string sentence, bool unreachable)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=x", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        var names = new System.Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(made.RawData);
        using var handler = new StubHandler(_ =>
        {
            try
            {
                SiteCertificateException.Validate(this, certificate, null, System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch);
            }
            catch (SiteCertificateException fault)
            {
                throw new HttpRequestException(HttpRequestError.SecureConnectionError, "no", fault);
            }

            throw new InvalidOperationException("It was accepted.");
        });

        var fetched = await FetchAsync(handler);

        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
        Assert.Equal(unreachable, fetched.IsUnreachable);
    }

    [Fact]
    public async Task A_protocol_that_is_not_TLS_is_the_site_s_fault_and_a_CA_that_is_not_trusted_may_be_this_pod_s()
    {
        using var plain = new StubHandler(_ => throw new HttpRequestException(HttpRequestError.SecureConnectionError, "no", new System.Security.Authentication.AuthenticationException()));
        Assert.False((await FetchAsync(plain)).IsUnreachable);

        // One that is not trusted, judged by the real callback over a real connection.
        using var authority = new CertificateAuthority();
        using var certificate = authority.Issue(["localhost"]);
        await using var server = new TlsServer().Serve("localhost", certificate);
        using var site = new PublicSite();
        var fetched = await site.FetchAsync(new($"https://localhost:{server.Port}/jwks"), CancellationToken.None);
        Assert.True(fetched.IsUnreachable, fetched.Fault);
        Assert.Contains("whose CA is not trusted", fetched.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        using var handler = new StubHandler(_ => Redirect(HttpStatusCode.Found, Url.AbsoluteUri));

        Assert.Contains("redirects more than 5 times", (await FetchAsync(handler)).Fault, StringComparison.Ordinal);
        Assert.Equal(6, handler.Requests.Count);
    }

    [Fact]
    public async Task An_endless_body_is_read_no_further_than_it_is_refused()
    {
        using var body = File.OpenRead("/dev/zero");
        using var handler = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) });

        Assert.Equal(StrictJson.MaxBytes + 1, (await FetchAsync(handler)).Bytes.Length);
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "does not resolve")]
    [InlineData(HttpRequestError.SecureConnectionError, "broke during the TLS handshake")]
    [InlineData(HttpRequestError.ProxyTunnelError, "The proxy refused the connection to example.github.io")]
    [InlineData(HttpRequestError.ConnectionError, "check the NetworkPolicy and HTTPS_PROXY")]
    public async Task A_fault_of_the_network_is_a_result_and_not_thrown(HttpRequestError error, string sentence)
    {
        using var handler = new StubHandler(_ => throw new HttpRequestException(error));

        var fetched = await FetchAsync(handler);

        Assert.True(fetched.IsUnreachable);
        Assert.Contains(sentence, fetched.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_stopped_stops_here_too()
    {
        using var handler = new StubHandler(_ => Response(HttpStatusCode.OK, "{}"));
        using var site = new PublicSite(handler);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => site.FetchAsync(Url, new CancellationToken(canceled: true)));
    }

    private static async Task<FetchedDocument> FetchAsync(StubHandler handler)
    {
        using var site = new PublicSite(handler);
        return await site.FetchAsync(Url, CancellationToken.None);
    }

    private static HttpResponseMessage Response(HttpStatusCode status, string text) => new(status) { Content = new StringContent(text) };

    private static HttpResponseMessage Redirect(HttpStatusCode status, string location)
    {
        var response = new HttpResponseMessage(status);
        response.Headers.Location = new Uri(location, UriKind.RelativeOrAbsolute);
        return response;
    }
}
