using System.Net;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Pages;
using ClusterTrust.Sandbox.Proxy;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Sandbox.Tests.Proxy;

public sealed class ConnectProxyTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly Uri Page = new("https://octo.github.io/issuer/a.txt");
    private readonly CertificateAuthority authority = new();
    private readonly HostRoutes routes = new();
    private readonly GitRepositories repositories = new();
    private PagesServer pages = null!;
    private ConnectProxy proxy = null!;

    public async Task InitializeAsync()
    {
        var repository = await repositories.CreateAsync("octo/issuer");
        await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["a.txt"] = "page", ["large.txt"] = new('x', 500_000) });
        pages = new PagesServer(authority);
        pages.AddSite("octo/issuer", repository);
        await pages.StartAsync();
        routes.Add("octo.github.io", pages);
        proxy = new ConnectProxy(routes);
        await proxy.StartAsync();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        await pages.DisposeAsync();
        repositories.Dispose();
        authority.Dispose();
    }

    [Fact]
    public async Task A_client_reaches_pages_under_its_real_name_and_the_proxy_tells_who_was_asked()
    {
        using var http = Client();
        Assert.Equal("page", await http.GetStringAsync(Page));
        Assert.Equal("page", await http.GetStringAsync(Page));

        Assert.Equal(["octo.github.io"], proxy.HostsAsked);
        Assert.Equal(new ProxyRequest("CONNECT", "octo.github.io", 443, 200), Assert.Single(proxy.Requests));
        Assert.Equal((1, 0), (proxy.CountOf("OCTO.github.io"), proxy.CountOf("github.io")));
    }

    [Fact]
    public async Task Hosts_without_a_route_or_with_a_dead_server_get_502()
    {
        using var http = Client();
        var unknown = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("https://vault.azure.net/")));
        await pages.StopAsync();
        var dead = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(Page));

        Assert.All([unknown, dead], fault => Assert.Contains("502", fault.Message, StringComparison.Ordinal));
        Assert.Equal(["octo.github.io", "vault.azure.net"], proxy.HostsAsked);
    }

    [Fact]
    public async Task Credentials_are_asked_for_with_407()
    {
        proxy.Credentials = new NetworkCredential("user", "p@ss:word");
        using var without = Client();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => without.GetAsync(Page));
        using var with = Client(proxy.Credentials);

        Assert.Contains("407", refused.Message, StringComparison.Ordinal);
        Assert.Equal("page", await with.GetStringAsync(Page));
        Assert.Equal($"http://user:p%40ss%3Aword@127.0.0.1:{proxy.Port}", proxy.Address);
    }

    private HttpClient Client(NetworkCredential? credentials = null)
    {
        var handler = routes.CreateHandler(authority);
        handler.ConnectCallback = null;
        handler.UseProxy = true;
        handler.Proxy = new WebProxy($"http://127.0.0.1:{proxy.Port}") { Credentials = credentials };
        return new HttpClient(handler);
    }
}
