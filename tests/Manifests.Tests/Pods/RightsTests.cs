using System.Text.Json.Nodes;
using ClusterTrust.Kubernetes;
using ClusterTrust.Kubernetes.Events;
using ClusterTrust.Manifests.Tests.Rendering;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>The rendered rights are what the jobs need, and each verb of them is needed.</summary>
public sealed class RightsTests : IAsyncLifetime
{
    private Installation installation = null!;
    private int certificates;

    public async Task InitializeAsync() => installation = await Installation.StartAsync();

    public async Task DisposeAsync() => await installation.DisposeAsync();

    [Fact]
    public async Task Certsync_fails_without_any_one_of_its_rights()
    {
        await installation.PublishAsync();
        var rendered = installation.CertSyncWith("certsync/prune");
        Assert.Null(await FaultOfCertSyncAsync(rendered));
        var without = Mutants(rendered).ToArray();
        Assert.Equal(6, without.Length);
        foreach (var (right, mutant) in without)
        {
            installation.Grant(mutant);
            Assert.True(await FaultOfCertSyncAsync(rendered) is not null, $"Nothing fails without {right}: it is one right too many.");
        }

        installation.Grant(rendered);
        Assert.Null(await FaultOfCertSyncAsync(rendered));
    }

    [Fact]
    public async Task Oidc_needs_no_right_but_those_of_its_components_and_each_of_them()
    {
        var plain = installation.OidcWith(["oidc/deploy-key"]);
        Assert.Empty(plain.Rbac);
        var output = await installation.RunAsync(plain, "oidc");
        Assert.True(output.ExitCode == 0, output.ToString());

        var rendered = installation.OidcWith(["oidc/deploy-key", "oidc/several-api-servers", "oidc/fresh-verify-token"]);
        output = await installation.RunAsync(rendered, "oidc");
        Assert.True(output.ExitCode == 0, output.ToString());
        var without = Mutants(rendered).ToArray();
        Assert.Equal(2, without.Length);
        foreach (var (right, mutant) in without)
        {
            installation.Grant(mutant);
            output = await installation.RunAsync(rendered, "oidc");
            Assert.True(output.ExitCode != 0, $"Nothing fails without {right}: it is one right too many.");
        }
    }

    [Fact]
    public async Task The_events_component_lets_certsync_write_Events_in_every_namespace()
    {
        installation.Cluster.ApiServer.State.AddNamespace("shop");
        installation.CertSyncWith("certsync/prune");
        Assert.False(await WritesEventAsync("shop"));
        installation.CertSyncWith("certsync/events");
        Assert.True(await WritesEventAsync("shop"));
    }

    /// <summary>The manifests without one verb of one rule, for each.</summary>
    private static IEnumerable<(string Right, Rendered Mutant)> Mutants(Rendered rendered)
    {
        foreach (var role in rendered.Objects.Where(static one => one.Text("kind") is "Role" or "ClusterRole"))
        {
            var index = rendered.Objects.ToList().IndexOf(role);
            for (var rule = 0; rule < role["rules"]!.AsArray().Count; rule++)
            {
                foreach (var verb in role["rules"]![rule].Texts("verbs"))
                {
                    JsonObject[] objects = [.. rendered.Objects.Select(static one => (JsonObject)one.DeepClone())];
                    var verbs = objects[index]["rules"]![rule]!["verbs"]!.AsArray();
                    verbs.Remove(verbs.Single(one => one!.GetValue<string>() == verb));
                    yield return ($"{verb} on {string.Join(',', role["rules"]![rule].Texts("resources"))}", rendered with { Objects = objects });
                }
            }
        }
    }

    /// <summary>Two runs, of which the first makes the Lease and the second takes it over, each with something new to import, and an Event.</summary>
    private async Task<string?> FaultOfCertSyncAsync(Rendered rendered)
    {
        foreach (var lease in installation.Cluster.ApiServer.State.Leases)
        {
            installation.Cluster.ApiServer.State.Delete(ResourceType.Leases, lease.Namespace, lease.Name);
        }

        for (var run = 0; run < 2; run++)
        {
            installation.Cluster.Certificates.Issue(new CertificateSpec("shop", $"web-{certificates++}") { Ec = true });
            var output = await installation.RunAsync(rendered, "certsync");
            // A Lease that could not be given back keeps the next run from doing anything.
            if (output.ExitCode != 0 || output.ToString().Contains("holds the lease", StringComparison.Ordinal))
            {
                return output.ToString();
            }
        }

        return await WritesEventAsync("clustertrust") ? null : "No Event was written.";
    }

    private async Task<bool> WritesEventAsync(string space)
    {
        var api = installation.Cluster.ApiServer;
        var kubeconfig = installation.Cluster.Folder.Combine("events.kubeconfig");
        api.WriteKubeconfig(kubeconfig, api.IssueToken("clustertrust", "certsync"), "clustertrust");
        using var connection = KubernetesConnection.Open(
            new KubernetesOptions { KubeconfigPath = kubeconfig, UserAgent = "manifests-tests" }, TimeProvider.System, NullLogger<KubernetesConnection>.Instance);
        var before = api.State.Events.Count;
        await new EventRecorder(connection, "certsync", Guid.NewGuid().ToString("N"), NullLogger<EventRecorder>.Instance).RecordAsync(
            new ObjectReference("batch/v1", "Job", space, "certsync-now", "0"), EventType.Normal, "Tested", "Test", "Written by a test.", CancellationToken.None);
        return api.State.Events.Count > before;
    }
}
