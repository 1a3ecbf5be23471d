using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class IssuerReaderTests : IAsyncLifetime
{
    private TemporaryFolder Folder { get; } = new();

    private CertificateAuthority Authority { get; } = new();

    private KubeApiServer Server { get; set; } = null!;

    public async Task InitializeAsync()
    {
        Server = new KubeApiServer(Authority);
        await Server.StartAsync();
        Server.WriteKubeconfig(Folder.Combine("kubeconfig"));
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
        Folder.Dispose();
    }

    [Fact]
    public async Task The_connection_s_own_API_server_is_read_when_no_other_is_named()
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
    public async Task An_address_by_which_the_API_server_is_reached_is_its_own_in_jwks_uri()
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
    public async Task No_more_of_a_body_is_read_than_is_refused()
    {
        Server.Issuer.JwksOverride = new ClusterTrust.Sandbox.ApiServer.ServedDocument(new byte[10 * 1024 * 1024], "application/jwk-set+json");

        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new IssuerReaderOptions()));

        Assert.Contains("is larger than 65536 bytes", fault.Message, StringComparison.Ordinal);
    }

    private async Task<CheckedIssuer> ReadAsync(IssuerReaderOptions options)
    {
        using var connection = KubernetesConnection.Open(new KubernetesOptions { KubeconfigPath = Folder.Combine("kubeconfig") });
        return await new IssuerReader(options, connection).ReadAsync(CancellationToken.None);
    }
}
