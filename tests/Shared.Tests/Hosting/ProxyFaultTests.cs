using System.Net;
using System.Net.Sockets;
using System.Text;
using ClusterTrust.Hosting;

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
        Assert.Equal(required, ProxyFault.CredentialsWanted(fault) is not null);
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "Name or service not known (proxy.example:3128)", true)]
    [InlineData(HttpRequestError.ConnectionError, "Connection refused (proxy.example:3128)", true)]
    [InlineData(HttpRequestError.ConnectionError, "Connection refused (proxy.example:443)", false)]
    [InlineData(HttpRequestError.NameResolutionError, "Name or service not known (vault.azure.net:443)", false)]
    [InlineData(HttpRequestError.SecureConnectionError, "Name or service not known (proxy.example:3128)", false)]
    public void A_proxy_that_cannot_be_reached_is_told_from_a_host_behind_it(HttpRequestError error, string message, bool isProxy) =>
        Assert.Equal(
            isProxy ? "proxy.example:3128 of HTTPS_PROXY cannot be reached: check its address, whether it is up, and the network policies" : null,
            ProxyFault.Unreachable(new HttpRequestException(error, message), new WebProxy("http://proxy.example:3128")));

    [Fact]
    public async Task The_HTTP_client_names_the_proxy_it_cannot_reach_in_its_message()
    {
        var proxy = new WebProxy("http://127.0.0.1:9");
        using var client = new HttpClient(new SocketsHttpHandler { Proxy = proxy });

        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("https://vault.example/")));

        Assert.NotNull(ProxyFault.Unreachable(fault, proxy));
    }
}
