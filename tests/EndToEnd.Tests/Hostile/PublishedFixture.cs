using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.EndToEnd.Tests.Hostile;

/// <summary>A cluster whose issuer is published, with one certificate to sync; its tests leave it as it is.</summary>
public sealed class PublishedFixture : IAsyncLifetime
{
    public SandboxCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await SandboxCluster.StartAsync();
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        var published = await Cluster.OidcAsync("publish");
        Assert.True(published.ExitCode == 0, published.ToString());
        Cluster.ApiServer.Keys.Announce();
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
