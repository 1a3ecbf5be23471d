using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>The overlays as people apply them: the rendered pods, with the rendered rights.</summary>
public sealed class OverlayTests
{
    [Fact]
    public async Task Self_managed_publishes_the_issuer_and_then_syncs_certificates()
    {
        await using var installation = await Installation.StartAsync();
        var cluster = installation.Cluster;
        var rendered = installation.Apply("overlays/self-managed", ("oidc.env", installation.OidcSettings), ("certsync.env", installation.CertSyncSettings));
        var web = cluster.Certificates.Issue(new CertificateSpec("shop", "web"));

        // Nobody trusts the cluster yet.
        Assert.Equal(1, (await installation.RunAsync(rendered, "certsync")).ExitCode);

        var published = await installation.RunAsync(rendered, "oidc");
        Assert.True(published.ExitCode == 0, published.ToString());
        var synced = await installation.RunAsync(rendered, "certsync");
        Assert.True(synced.ExitCode == 0, synced.ToString());
        Assert.Equal(web.Thumbprint, cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);
    }

    [Fact]
    public async Task Aks_syncs_certificates_with_an_issuer_that_is_published_already()
    {
        await using var installation = await Installation.StartAsync();
        await installation.PublishAsync();
        var rendered = installation.Apply("overlays/aks", ("certsync.env", installation.CertSyncSettings));
        installation.Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));

        var synced = await installation.RunAsync(rendered, "certsync");

        Assert.True(synced.ExitCode == 0, synced.ToString());
        Assert.NotNull(installation.Cluster.Vault.Find("web"));
    }

    [Fact]
    public async Task A_setting_that_is_not_filled_in_fails_the_run_as_wrongly_configured()
    {
        await using var installation = await Installation.StartAsync();
        var rendered = installation.Apply("overlays/aks", ("certsync.env", ["CERTSYNC_CLUSTER=sandbox"]));
        var output = await installation.RunAsync(rendered, "certsync");
        Assert.Equal(2, output.ExitCode);
        Assert.Contains("CERTSYNC_VAULT", output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_clusters_of_multi_cluster_write_to_their_own_vault_and_to_the_shared_one()
    {
        await using var installation = await Installation.StartAsync();
        await installation.PublishAsync();
        var cluster = installation.Cluster;
        var (own, shared) = (cluster.AddVault("own-vault"), cluster.AddVault("shared-vault"));
        cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        cluster.Certificates.Issue(new CertificateSpec("shop", "edge") { Annotations = new Dictionary<string, string> { ["certsync.clustertrust.dev/vault"] = "shared" } });
        foreach (var name in new[] { "cluster-a", "cluster-b" })
        {
            var rendered = installation.Apply(
                $"overlays/multi-cluster/{name}",
                ("certsync.env", ["CERTSYNC_VAULT=own=own-vault,shared=shared-vault", $"CERTSYNC_CLUSTER={name}", "CERTSYNC_NAME_TEMPLATE={cluster}-{name}", .. installation.CertSyncSettings[2..]]));
            var output = await installation.RunAsync(rendered, "certsync");
            Assert.True(output.ExitCode == 0, output.ToString());
        }

        Assert.Equal(["cluster-a-web", "cluster-b-web"], own.Certificates.Select(static one => one.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["cluster-a-edge", "cluster-b-edge"], shared.Certificates.Select(static one => one.Name).Order(StringComparer.Ordinal));
    }
}
