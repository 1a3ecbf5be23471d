using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Issuer;

namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class IssuerReaderTests : ClusterTest
{
    [Fact]
    public async Task The_API_server_of_the_connection_is_the_default()
    {
        var issuer = await ReadAsync(new IssuerReaderOptions());

        Assert.Equal(Server.Issuer.Issuer, issuer.Issuer);
        Assert.Equal([Server.Keys.Signing.KeyId], issuer.Keys.Keys.Select(key => key.Kid));
    }

    [Fact]
    public async Task All_API_servers_are_looked_up_and_one_that_is_named_twice_counts_once()
    {
        Assert.Single((await ReadAsync(new IssuerReaderOptions { AllApiServers = true })).Keys.Keys);
        Assert.Single((await ReadAsync(new IssuerReaderOptions { ApiServers = [Server.LoopbackAddress, Server.LoopbackAddress] })).Keys.Keys);
    }

    [Fact]
    public async Task The_address_of_the_connection_is_recognized_in_jwks_uri()
    {
        Server.Issuer.JwksUri = $"https://localhost:{Server.Port}/openid/v1/jwks";

        var issuer = await ReadAsync(new IssuerReaderOptions { ApiServers = [new Uri($"https://localhost:{Server.Port}/")] });

        Assert.Equal(Server.Issuer.Issuer + "/openid/v1/jwks", issuer.Discovery.JwksUri);
        Assert.Contains(issuer.Notices, notice => notice.Contains("jwks_uri is its own address", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_issuer_than_the_configured_one_is_refused()
    {
        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new IssuerReaderOptions { Issuer = "https://example.github.io/other" }));

        Assert.Equal(ExitCode.Refused, fault.ExitCode);
    }

    [Fact]
    public async Task A_body_is_read_up_to_its_limit()
    {
        Server.Issuer.JwksOverride = new ClusterTrust.Sandbox.ApiServer.ServedDocument(new byte[10 * 1024 * 1024], "application/jwk-set+json");

        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new IssuerReaderOptions()));

        Assert.Contains("is larger than 65536 bytes", fault.Message, StringComparison.Ordinal);
    }

    private Task<CheckedIssuer> ReadAsync(IssuerReaderOptions options) =>
        ConnectAsync(connection => new IssuerReader(options, connection).ReadAsync(CancellationToken.None));
}
