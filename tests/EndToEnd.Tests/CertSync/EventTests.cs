using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Events on the Secrets, as <c>kubectl describe</c> shows them.</summary>
[Trait("ApiServer", "own")]
public sealed class EventTests : IAsyncLifetime
{
    private SandboxCluster cluster = null!;

    public async Task InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync();
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        cluster.Certificates.Mismatched(new CertificateSpec("shop", "legacy"));
    }

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task What_was_done_stands_on_the_Secret_and_without_the_right_nothing_fails()
    {
        var forbidden = await cluster.CertSyncAsync("sync", "--events");
        Assert.True(forbidden.ExitCode == 3, forbidden.ToString());
        Assert.Single(cluster.Vault.Certificates);
        Assert.Empty(cluster.ApiServer.State.Events);

        cluster.ApiServer.Rbac.Grant(
            Subject.ServiceAccount(SandboxCluster.Namespace, "certsync"), null, PolicyRule.For("events.k8s.io", "events", "create"));
        var renewed = cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        var allowed = await cluster.CertSyncAsync("sync", "--events");

        Assert.True(allowed.ExitCode == 3, allowed.ToString());
        Assert.Equal(renewed.Thumbprint, cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);
        var events = cluster.ApiServer.State.Events.Select(static stored => stored.Body).ToDictionary(Regarding);
        Assert.Equal(["legacy-tls", "web-tls"], events.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("Imported", "Normal"), (Text(events["web-tls"], "reason"), Text(events["web-tls"], "type")));
        Assert.Equal(("Refused", "Warning"), (Text(events["legacy-tls"], "reason"), Text(events["legacy-tls"], "type")));
        Assert.Contains("tls.key matches none", Text(events["legacy-tls"], "note"), StringComparison.Ordinal);
    }

    private static string Regarding(JsonObject body) => body["regarding"]!["name"]!.GetValue<string>();

    private static string Text(JsonObject body, string name) => body[name]!.GetValue<string>();
}
