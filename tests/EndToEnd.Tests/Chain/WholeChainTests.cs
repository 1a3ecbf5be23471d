using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.EndToEnd.Tests.Chain;

/// <summary>The whole chain by the built binaries: API server → repository → Pages → Entra ID → Key Vault.</summary>
public sealed class WholeChainTests : IAsyncLifetime
{
    private SandboxCluster cluster = null!;

    public async Task InitializeAsync() => cluster = await SandboxCluster.StartAsync();

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task A_published_issuer_opens_the_vault_and_a_rotated_key_does_so_after_the_next_publish()
    {
        cluster.JobsAreProcesses = true;
        var web = new CertificateSpec("shop", "web");
        var first = cluster.Certificates.Issue(web);

        // Nobody trusts the cluster yet.
        var before = await cluster.CertSyncAsync("sync");
        Assert.Equal(1, before.ExitCode);
        Assert.Contains("AADSTS", before.StandardError, StringComparison.Ordinal);
        Assert.Empty(cluster.Vault.Certificates);

        var published = await cluster.OidcAsync("publish");
        Assert.True(published.ExitCode == 0, published.ToString());

        var synced = await cluster.CertSyncAsync("sync");
        Assert.True(synced.ExitCode == 0, synced.ToString());
        Assert.Equal(first.Thumbprint, cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);

        var commits = (await cluster.Repository.LogAsync("main")).Count;
        var again = await cluster.OidcAsync("publish");
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Equal(commits, (await cluster.Repository.LogAsync("main")).Count);

        // A new signing key: its tokens are refused until it is published.
        cluster.ApiServer.Keys.Rotate(SigningAlgorithm.RS256, keepOld: true);
        cluster.RenewTokens();
        var second = cluster.Certificates.Issue(web);
        Assert.Equal(1, (await cluster.CertSyncAsync("sync")).ExitCode);
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        var renewed = await cluster.CertSyncAsync("sync");
        Assert.True(renewed.ExitCode == 0, renewed.ToString());
        Assert.Equal(second.Thumbprint, cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);
        Assert.Equal("", await cluster.Repository.FsckAsync());
    }
}
