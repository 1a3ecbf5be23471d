using System.Net;
using ClusterTrust.Hosting;

namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class ProxyFaultTests
{
    [Theory]
    [InlineData("The proxy tunnel request to proxy 'http://127.0.0.1:3128/' failed with status code '407'.", true)]
    [InlineData("The proxy tunnel request to proxy 'http://127.0.0.1:40785/' failed with status code '502'.", false)]
    public void A_proxy_wants_credentials_by_its_status_and_not_by_its_port(string message, bool wanted) =>
        Assert.Equal(wanted, ProxyFault.CredentialsWanted(new HttpRequestException(HttpRequestError.ProxyTunnelError, message)) is not null);

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
