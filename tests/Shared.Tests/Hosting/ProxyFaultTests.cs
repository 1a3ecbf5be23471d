using ClusterTrust.Hosting;

namespace ClusterTrust.Shared.Tests.Hosting;

public sealed class ProxyFaultTests
{
    [Theory]
    [InlineData("The proxy tunnel request to proxy 'http://127.0.0.1:3128/' failed with status code '407'.", true)]
    [InlineData("The proxy tunnel request to proxy 'http://127.0.0.1:40785/' failed with status code '502'.", false)]
    public void A_proxy_wants_credentials_by_its_status_and_not_by_its_port(string message, bool wanted) =>
        Assert.Equal(wanted, ProxyFault.CredentialsWanted(new HttpRequestException(HttpRequestError.ProxyTunnelError, message)) is not null);
}
