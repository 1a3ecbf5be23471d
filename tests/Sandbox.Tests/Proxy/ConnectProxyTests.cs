using System.Net;
using System.Net.Sockets;
using System.Text;
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
        routes.Add("*.github.io", pages);
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

    [Fact]
    public async Task Plain_requests_and_nonsense_are_refused()
    {
        Assert.StartsWith("HTTP/1.1 501 ", await SpeakAsync("GET http://octo.github.io/ HTTP/1.1\r\nHost: octo.github.io\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await SpeakAsync("nonsense\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal("", await SpeakAsync("\r\n\r\n"));
    }

    [Fact]
    public async Task Tunnels_can_be_reset_cut_and_slowed()
    {
        using var http = Client();
        proxy.Faults.Next(new ConnectionFault.Reset(), when: host => host == "octo.github.io");
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(Page));
        proxy.Faults.Next(new ConnectionFault.CutReceiving(100_000));
        await Assert.ThrowsAnyAsync<Exception>(() => http.GetByteArrayAsync(new Uri(Page, "large.txt")));
        proxy.Faults.Next(new ConnectionFault.Latency(TimeSpan.FromMilliseconds(50)));
        Assert.Equal(500_000, (await http.GetByteArrayAsync(new Uri(Page, "large.txt"))).Length);
        Assert.Equal([0, 200, 200], proxy.Requests.Select(request => request.Status));
    }

    [Fact]
    public async Task A_seeded_rate_of_faults_is_the_same_every_time()
    {
        var runs = Enumerable.Range(0, 2).Select(_ =>
        {
            var faults = new FaultPlan<ConnectionFault, string>();
            faults.Rate(0.3, seed: 7, new ConnectionFault.Reset());
            return Enumerable.Range(0, 100).Count(_ => faults.Take("any") is not null);
        });

        Assert.Single(runs.Distinct());
        proxy.Faults.Rate(1, 1, new ConnectionFault.Reset());
        using var http = Client();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(Page));
        proxy.Faults.Clear();
        Assert.Equal("page", await http.GetStringAsync(Page));
    }

    [Fact]
    public async Task A_stopped_proxy_ends_its_tunnels_and_comes_back_on_its_port()
    {
        using var http = Client();
        await http.GetStringAsync(Page);
        await proxy.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Page));

        await proxy.StartAsync();
        Assert.Equal("page", await http.GetStringAsync(Page));
    }

    [Theory]
    [InlineData("a.vault.azure.net", 1)]
    [InlineData("A.B.vault.azure.net", 1)]
    [InlineData("special.vault.azure.net", 2)]
    [InlineData("x.azure.net", 3)]
    [InlineData("vault.azure.net", 3)]
    [InlineData("azure.net", null)]
    [InlineData("evilazure.net", null)]
    public void The_most_specific_route_leads(string host, int? port)
    {
        var map = new HostRoutes();
        map.Add("*.azure.net", 3);
        map.Add("*.vault.azure.net", 1);
        map.Add("special.vault.azure.net", 2);

        Assert.Equal(port, map.Find(host));
    }

    [Fact]
    public async Task The_in_process_handler_trusts_only_the_sandboxs_CA_and_knows_only_its_routes()
    {
        using var http = new HttpClient(routes.CreateHandler(authority));
        Assert.Equal("page", await http.GetStringAsync(Page));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("https://example.com/")));
        using var stranger = new CertificateAuthority("stranger");
        using var distrusting = new HttpClient(routes.CreateHandler(stranger));
        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => distrusting.GetAsync(Page));
        Assert.Equal(HttpRequestError.SecureConnectionError, fault.HttpRequestError);
    }

    private HttpClient Client(NetworkCredential? credentials = null)
    {
        var handler = routes.CreateHandler(authority);
        handler.ConnectCallback = null;
        handler.UseProxy = true;
        handler.Proxy = new WebProxy($"http://127.0.0.1:{proxy.Port}") { Credentials = credentials };
        return new HttpClient(handler);
    }

    private async Task<string> SpeakAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(socket.GetStream());
        return await reader.ReadToEndAsync();
    }
}
