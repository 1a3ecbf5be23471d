using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Chain;

/// <summary>The whole chain on whatever cluster there is, with the rights that its API server really grants; on a real cluster by the built binaries.</summary>
public sealed class AnyClusterTests : IAsyncLifetime
{
    private SandboxCluster cluster = null!;

    private string Shop => cluster.Kubernetes.NamespaceOf("shop");

    public async Task InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync();
        cluster.JobsAreProcesses = !cluster.IsOwn;
    }

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public Task A_published_issuer_opens_the_vault_and_a_renewed_certificate_follows() => ChainAsync(cluster);

    [Fact]
    public Task What_was_done_stands_as_Events_on_the_Secrets_and_on_the_Job() => EventsAsync(cluster);

    [Fact]
    public async Task Plans_write_nothing_anywhere()
    {
        cluster.Certificates.Issue(new CertificateSpec(Shop, "web"));
        var planned = await cluster.OidcAsync("plan");
        Assert.True(planned.ExitCode == 0, planned.ToString());
        Assert.Contains("added", planned.StandardOutput, StringComparison.Ordinal);
        Assert.Null(cluster.Repository.Tip("main"));

        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        var certsync = await cluster.CertSyncAsync("plan");
        Assert.True(certsync.ExitCode == 0, certsync.ToString());
        Assert.Contains("create", certsync.StandardOutput, StringComparison.Ordinal);
        Assert.Empty(cluster.Vault.Certificates);
        Assert.Empty(cluster.Kubernetes.List(ResourceType.Leases, cluster.JobsNamespace));
    }

    [Fact]
    public async Task The_published_issuer_is_verified_from_outside_with_a_token_of_the_cluster()
    {
        Assert.Equal(0, (await cluster.OidcAsync("publish")).ExitCode);
        var verified = await cluster.OidcAsync("verify", "--verify-token-file", cluster.FederatedTokenFile, "--audience", "api://AzureADTokenExchange");
        Assert.True(verified.ExitCode == 0, verified.ToString());
        Assert.Contains("is accepted", verified.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Refused, published, synced, unchanged, renewed.</summary>
    internal static async Task ChainAsync(SandboxCluster cluster)
    {
        var web = new CertificateSpec(cluster.Kubernetes.NamespaceOf("shop"), "web");
        var first = cluster.Certificates.Issue(web);
        var before = await cluster.CertSyncAsync("sync");
        Assert.True(before.ExitCode == 1, before.ToString());
        Assert.Contains("AADSTS", before.StandardError, StringComparison.Ordinal);

        Done(await cluster.OidcAsync("publish"));
        Done(await cluster.CertSyncAsync("sync"));
        Assert.Equal(first.Thumbprint, Assert.Single(cluster.Vault.Certificates).Latest.Thumbprint, ignoreCase: true);

        var commits = (await cluster.Repository.LogAsync("main")).Count;
        Done(await cluster.OidcAsync("publish"));
        Done(await cluster.CertSyncAsync("sync"));
        Assert.Equal(commits, (await cluster.Repository.LogAsync("main")).Count);
        Assert.Single(cluster.Vault.Find("web")!.Versions);

        var second = cluster.Certificates.Issue(web);
        Done(await cluster.CertSyncAsync("sync"));
        Assert.Equal(second.Thumbprint, cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);
        Assert.Equal("", await cluster.Repository.FsckAsync());
    }

    /// <summary>Events that the API server takes, on a Secret and on the run's own Job.</summary>
    internal static async Task EventsAsync(SandboxCluster cluster)
    {
        if (cluster.IsOwn)
        {
            cluster.ApiServer.Rbac.Grant(
                Subject.ServiceAccount(SandboxCluster.Namespace, "certsync"), null, PolicyRule.For("events.k8s.io", "events", "create"));
        }

        var shop = cluster.Kubernetes.NamespaceOf("shop");
        cluster.Certificates.Issue(new CertificateSpec(shop, "web.of.a.long-name"));
        cluster.Certificates.Mismatched(new CertificateSpec(shop, "legacy"));
        Done(await cluster.OidcAsync("publish"));
        await using var job = cluster.Job("certsync");
        job.Environment["CERTSYNC_JOB_NAME"] = "certsync-now";
        job.Environment["CERTSYNC_JOB_UID"] = Guid.NewGuid().ToString();
        var run = await job.RunAsync(["sync", .. cluster.CertSyncArguments(), "--events"], timeout: TimeSpan.FromMinutes(10));

        Assert.DoesNotContain("EventsNotWritten", run.StandardError, StringComparison.Ordinal);
        var told = OfCertSync(shop).ToDictionary(static one => Text(one["regarding"], "name"));
        Assert.Equal(["legacy-tls", "web.of.a.long-name-tls"], told.Keys.Order(StringComparer.Ordinal));
        Assert.All(told, static one => Assert.StartsWith($"{one.Key}.", Text(one.Value["metadata"], "name"), StringComparison.Ordinal));
        Assert.Equal(["Refused Warning", "Imported Normal"], told.OrderBy(static one => one.Key).Select(static one => $"{Text(one.Value, "reason")} {Text(one.Value, "type")}"));
        Assert.Contains("tls.key matches none", Text(told["legacy-tls"], "note"), StringComparison.Ordinal);
        var onJob = Assert.Single(OfCertSync(cluster.JobsNamespace));
        Assert.Equal("certsync-now", Text(onJob["regarding"], "name"));

        // A cluster's own controllers tell of what they do, too.
        IEnumerable<JsonObject> OfCertSync(string space) =>
            cluster.Kubernetes.List(ResourceType.Events, space).Where(static one => Text(one, "reportingController").Contains("certsync", StringComparison.Ordinal));
    }

    private static void Done(Output run) => Assert.True(run.ExitCode == 0, run.ToString());

    private static string Text(JsonNode? node, string name) => node![name]!.GetValue<string>();
}
