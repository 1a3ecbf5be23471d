using System.Net;
using System.Text;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc.Tests.Verification;

public sealed class PublicSiteTests
{
    private static readonly Uri Url = new("https://example.github.io/cluster-a/openid/v1/jwks");

    [Fact]
    public async Task The_body_and_what_caches_say_are_read_and_nothing_secret_is_sent()
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

        Assert.Equal("there", Encoding.UTF8.GetString((await FetchAsync(handler)).Bytes.Span));
        Assert.Equal(["/cluster-a/openid/v1/jwks", "/elsewhere"], handler.Requests.Select(request => request.AbsolutePath));
    }

    [Theory]
    [InlineData("https://example.com/jwks")]
    [InlineData("https://example.github.io.example.com/jwks")]
    [InlineData("http://example.github.io/jwks")]
    public async Task A_redirect_off_the_host_or_off_TLS_is_not_followed(string location)
    {
        using var handler = new StubHandler(_ => Redirect(HttpStatusCode.Found, location));

        var fetched = await FetchAsync(handler);

        Assert.Contains("which is not on its host: clouds do not follow", fetched.Fault, StringComparison.Ordinal);
        Assert.False(fetched.IsUnreachable);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        using var handler = new StubHandler(_ => Redirect(HttpStatusCode.Found, Url.AbsoluteUri));

        Assert.Contains("redirects without end", (await FetchAsync(handler)).Fault, StringComparison.Ordinal);
        Assert.Equal(6, handler.Requests.Count);
    }

    [Fact]
    public async Task An_endless_body_is_read_no_further_than_it_is_refused()
    {
        using var body = new EndlessStream();
        using var handler = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) });

        Assert.Equal(ServedDocument.MaxBytes + 1, (await FetchAsync(handler)).Bytes.Length);
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "does not resolve")]
    [InlineData(HttpRequestError.SecureConnectionError, "is not trusted")]
    [InlineData(HttpRequestError.ProxyTunnelError, "The proxy does not let example.github.io be reached")]
    [InlineData(HttpRequestError.ConnectionError, "may this pod speak to it")]
    public async Task A_network_in_the_way_is_told_and_never_thrown(HttpRequestError error, string sentence)
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
