using System.Net;
using ClusterTrust.Sandbox.Pages;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Tests.Git;

namespace ClusterTrust.Sandbox.Tests.Proxy;

public sealed class ConnectProxyTests : RepositoryTest
{
    private static readonly Uri Page = new("https://octo.github.io/issuer/readme");
    private readonly HostRoutes _routes = new();
    private readonly PagesServer _pages = new(Authority);
    private readonly ConnectProxy _proxy;

    public ConnectProxyTests() => _proxy = new ConnectProxy(_routes);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _pages.AddSite(Name, Repository);
        await _pages.StartAsync();
        _routes.Add("octo.github.io", _pages);
        await _proxy.StartAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _pages.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_client_reaches_pages_under_its_real_name_and_the_proxy_tells_who_was_asked()
    {
        using var http = ThroughProxy();
        Assert.Equal("hello", await http.GetStringAsync(Page));
        Assert.Equal("hello", await http.GetStringAsync(Page));

        Assert.Equal(["octo.github.io"], _proxy.HostsAsked);
        Assert.Equal(new ProxyRequest("CONNECT", "octo.github.io", 443, 200), Assert.Single(_proxy.Requests));
        Assert.Equal((1, 0), (_proxy.CountOf("OCTO.github.io"), _proxy.CountOf("github.io")));
    }

    [Fact]
    public async Task Hosts_without_a_route_or_with_a_dead_server_get_502()
    {
        using var http = ThroughProxy();
        var unknown = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("https://vault.azure.net/")));
        await _pages.StopAsync();
        var dead = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(Page));

        Assert.All([unknown, dead], fault => Assert.Contains("502", fault.Message, StringComparison.Ordinal));
        Assert.Equal(["octo.github.io", "vault.azure.net"], _proxy.HostsAsked);
    }

    [Fact]
    public async Task Credentials_are_asked_for_with_407()
    {
        _proxy.Credentials = new NetworkCredential("user", "p@ss:word");
        using var without = ThroughProxy();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => without.GetAsync(Page));
        using var with = ThroughProxy(_proxy.Credentials);

        Assert.Contains("407", refused.Message, StringComparison.Ordinal);
        Assert.Equal("hello", await with.GetStringAsync(Page));
        Assert.Equal($"http://user:p%40ss%3Aword@127.0.0.1:{_proxy.Port}", _proxy.Address);
    }

    private HttpClient ThroughProxy(NetworkCredential? credentials = null)
    {
        var handler = _routes.CreateHandler(Authority);
        handler.ConnectCallback = null;
        handler.UseProxy = true;
        handler.Proxy = new WebProxy($"http://127.0.0.1:{_proxy.Port}") { Credentials = credentials };
        return new HttpClient(handler);
    }
}
