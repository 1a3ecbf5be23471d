using System.Security.Authentication;

namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class ProxyFaultTests
{
    public static TheoryData<string> Addresses =>
    [
        "http://proxy.example:3128", "http://user:p@ss/#word@proxy.example:3128/", "user:password@proxy.example:3128",
        "proxy.example", "socks5://127.0.0.1:1080", "http://[::1]:3128", "http://fd00::10:3128", "http://proxy.example:3128;", "",
    ];

    [Theory]
    [MemberData(nameof(Addresses))]
    public void The_address_of_a_proxy_is_accepted(string value) =>
        Assert.Empty(ProxyFault.InvalidVariables(new Dictionary<string, string> { ["HTTPS_PROXY"] = value }));

    public static TheoryData<string> Ignored =>
    [
        "http://user:secret@proxy.example:99999", "http://user:secret@:3128", "http://proxy.example:port",
        "http://${PROXY}:3128", "socks5h://proxy.example:1080", " http://proxy.example:3128",
        "http:/proxy.example:3128", "http://proxy.example:", " ", "http://", "http://xn--\u00e4.example:3128",
    ];

    /// <summary>.NET ignores these, and would send the requests without a proxy; for the last one it throws when a request is sent.</summary>
    [Theory]
    [MemberData(nameof(Ignored))]
    public void An_address_that_would_be_ignored_is_a_fault_that_does_not_quote_it(string value) =>
        Assert.Equal(
            ["https_proxy does not contain the address of a proxy: write it as http://HOST:PORT, or remove it"],
            ProxyFault.InvalidVariables(new Dictionary<string, string> { ["https_proxy"] = value }));

    [Fact]
    public void A_variable_that_is_ignored_is_no_fault_where_another_names_the_proxy() =>
        Assert.Empty(ProxyFault.InvalidVariables(new Dictionary<string, string> { ["ALL_PROXY"] = "socks://127.0.0.1:1080/", ["HTTPS_PROXY"] = "http://proxy.example:3128" }));

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "https://vault.example/", true), InlineData(HttpRequestError.ConnectionError, "https://vault.example/", true)]
    [InlineData(HttpRequestError.ConnectionError, "https://bypassed.example/", false), InlineData(HttpRequestError.SecureConnectionError, "https://vault.example/", false)]
    [InlineData(HttpRequestError.ProxyTunnelError, "https://vault.example/", false)]
    public void An_unreachable_proxy_is_distinguished_from_a_host_behind_it(HttpRequestError error, string destination, bool isProxy) =>
        Assert.Equal(
            isProxy ? "proxy.example:3128 of HTTPS_PROXY cannot be reached: check its address, whether it is up, and the network policies" : null,
            Unreachable(new HttpRequestException(error), destination));

    /// <summary>A proxy may answer 200 and then forward nothing; a certificate comes from the host behind it.</summary>
    [Fact]
    public void A_handshake_that_fails_behind_a_proxy_may_be_the_proxys_fault()
    {
        var fault = new HttpRequestException(HttpRequestError.SecureConnectionError, null, new AuthenticationException());
        var certificate = CertificateCallback.Call(ServerCertificateException.Validate, "expired");
        Assert.Equal(
            "proxy.example:3128 of HTTPS_PROXY opened a tunnel to vault.example, but no TLS handshake succeeded in it: check what the proxy allows, and that vault.example supports TLS 1.2 or newer",
            Unreachable(fault, "https://vault.example/"));
        Assert.Null(Unreachable(fault, "https://bypassed.example/"));
        Assert.Null(Unreachable(new HttpRequestException(HttpRequestError.SecureConnectionError, null, certificate), "https://vault.example/"));
    }

    /// <summary>The address of a proxy that expects no TLS is often written with https://.</summary>
    [Fact]
    public async Task A_proxy_without_TLS_is_told_from_a_host_behind_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        });
        var proxy = $"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        using var http = new HttpClient(new SocketsHttpHandler { Proxy = new WebProxy(proxy) });

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("https://vault.example/"));
        await answering;

        Assert.Contains(
            "made no TLS connection, to itself or through its tunnel to vault.example: write its address as http:// unless it expects TLS",
            Unreachable(fault, "https://vault.example/", proxy), StringComparison.Ordinal);
    }

    private static string? Unreachable(HttpRequestException fault, string destination, string proxy = "http://proxy.example:3128") =>
        ProxyFault.Unreachable(fault, new Uri(destination), new EnvironmentProxy(new WebProxy(proxy, BypassOnLocal: false, ["bypassed"]), null));
}
