using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Text;

namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class ProxyFaultTests
{
    [Theory]
    [InlineData(407, true)]
    [InlineData(502, false)]
    public async Task A_proxy_that_requires_credentials_is_recognized_by_the_status_of_its_tunnel(int status, bool required)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            _ = await stream.ReadAsync(new byte[4096]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n"));
        });
        using var client = new HttpClient(new SocketsHttpHandler { Proxy = new WebProxy(listener.LocalEndpoint.ToString()) });

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("https://vault.example/")));

        await answering;
        var sentence = ProxyFault.CredentialsRequired(fault);
        Assert.Equal(required, sentence is not null);
        Assert.Equal(sentence ?? "", Redaction.Redact(sentence ?? ""));
    }

    [Theory]
    [InlineData("http://proxy.example:3128")]
    [InlineData("http://user:p@ss/#word@proxy.example:3128/")]
    [InlineData("user:password@proxy.example:3128")]
    [InlineData("proxy.example")]
    [InlineData("socks5://127.0.0.1:1080")]
    [InlineData("http://[::1]:3128")]
    [InlineData("http://fd00::10:3128")]
    [InlineData("http://proxy.example:3128;")]
    [InlineData("")]
    public void The_address_of_a_proxy_is_accepted(string value) =>
        Assert.Empty(ProxyFault.InvalidVariables(new Dictionary<string, string> { ["HTTPS_PROXY"] = value }));

    /// <summary>.NET ignores these, and would send the requests without a proxy.</summary>
    [Theory]
    [InlineData("http://user:secret@proxy.example:99999")]
    [InlineData("http://user:secret@:3128")]
    [InlineData("http://proxy.example:port")]
    [InlineData("http://${PROXY}:3128")]
    [InlineData("socks5h://proxy.example:1080")]
    [InlineData(" http://proxy.example:3128")]
    [InlineData("http:/proxy.example:3128")]
    [InlineData("http://proxy.example:")]
    [InlineData(" ")]
    [InlineData("http://")]
    public void An_address_that_would_be_ignored_is_a_fault_that_does_not_quote_it(string value) =>
        Assert.Equal(
            ["https_proxy does not contain the address of a proxy: write it as http://HOST:PORT, or remove it"],
            ProxyFault.InvalidVariables(new Dictionary<string, string> { ["https_proxy"] = value }));

    [Fact]
    public void A_variable_that_is_ignored_is_no_fault_where_another_names_the_proxy() =>
        Assert.Empty(ProxyFault.InvalidVariables(new Dictionary<string, string> { ["ALL_PROXY"] = "socks://127.0.0.1:1080/", ["HTTPS_PROXY"] = "http://proxy.example:3128" }));

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "https://vault.example/", true)]
    [InlineData(HttpRequestError.ConnectionError, "https://vault.example/", true)]
    [InlineData(HttpRequestError.ConnectionError, "https://bypassed.example/", false)]
    [InlineData(HttpRequestError.NameResolutionError, "https://bypassed.example/", false)]
    [InlineData(HttpRequestError.SecureConnectionError, "https://vault.example/", false)]
    [InlineData(HttpRequestError.ProxyTunnelError, "https://vault.example/", false)]
    public void An_unreachable_proxy_is_distinguished_from_a_host_behind_it(HttpRequestError error, string destination, bool isProxy) =>
        Assert.Equal(
            isProxy ? "proxy.example:3128 of HTTPS_PROXY cannot be reached: check its address, whether it is up, and the network policies" : null,
            ProxyFault.Unreachable(new HttpRequestException(error), new Uri(destination), new EnvironmentProxy(new WebProxy("http://proxy.example:3128", BypassOnLocal: false, ["bypassed"]), null)));

    [Fact]
    public async Task The_HTTP_client_fails_to_connect_to_the_proxy_with_an_error_that_a_fault_behind_it_never_has()
    {
        var proxy = new WebProxy("http://127.0.0.1:9");
        using var client = new HttpClient(new SocketsHttpHandler { Proxy = proxy });
        var url = new Uri("https://vault.example/");

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(url));

        Assert.StartsWith("127.0.0.1:9 of proxy-url in the kubeconfig cannot be reached", ProxyFault.Unreachable(fault, url, proxy), StringComparison.Ordinal);
    }
}
