using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>A certificate's life in the vault, run after run. Each decision has its own tests in <c>tests/CertSync.Tests</c>.</summary>
public sealed class LifeTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Trait("ApiServer", "own")]
    [Fact]
    public async Task From_the_first_import_to_the_deletion()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
        scenario.AssertHas("web", issued);
        AssertTags(scenario, issued);
        Assert.Equal(2, scenario.Vault.Find("web")!.Latest.Chain.Count);
        Assert.Equal(("Unknown", "EmailContacts"), (scenario.Vault.Find("web")!.Policy.Issuer, Assert.Single(scenario.Vault.Find("web")!.Policy.LifetimeActions!).Action));

        scenario.Forget();
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
        Assert.Equal(["GET /certificates"], scenario.VaultRequests);
        Assert.Equal([$"GET /api/v1/namespaces/{scenario.Namespace}/secrets"], scenario.SecretRequests);

        scenario.Forget();
        scenario.Sandbox.Certificates.Put(new(scenario.Namespace, "web") { Labels = new Dictionary<string, string> { ["team"] = "a" } }, issued.Data);
        (await scenario.SyncAsync()).Expect(0, "update-tags source-moved");
        Assert.Equal(["GET /certificates", "PATCH /certificates/web"], scenario.VaultRequests);

        var renewed = scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddSeconds(-5));
        (await scenario.SyncAsync()).Expect(0, "renew newer-in-cluster");
        scenario.AssertHas("web", renewed);

        Assert.Contains("'blue'", (await scenario.SyncAsync("--cluster", "green")).Expect(3, "refuse another-cluster").Only.Message, StringComparison.Ordinal);

        scenario.Vault.Delete("web");
        (await scenario.SyncAsync("--no-recover")).Expect(3, "refuse soft-deleted");
        (await scenario.SyncAsync()).Expect(0, "recover soft-deleted");
        Assert.Equal(2, scenario.VersionsOf("web"));

        scenario.Sandbox.Kubernetes.Delete(ResourceType.Secrets, scenario.Namespace, "web-tls");
        (await scenario.SyncAsync()).Expect(0, "keep source-gone");
        (await scenario.PlanAsync("--prune", "delete")).Expect(0, "delete source-gone");
        Assert.Null(scenario.Vault.Find("web")!.DeletedAt);
        (await scenario.SyncAsync("--prune", "delete")).Expect(0, "delete source-gone");
        Assert.NotNull(scenario.Vault.Find("web")!.DeletedAt);
        (await scenario.SyncAsync("--prune", "delete")).Expect(0);
    }

    [Fact]
    public async Task What_cert_manager_key_vault_sync_wrote_is_adopted_without_an_import_and_the_vault_stops_renewing_it()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        scenario.Vault.Seed(
            "web",
            issued.Leaf,
            new Dictionary<string, string> { ["SyncFrom"] = "cert-manager-key-vault-sync", ["namespace"] = "shop" },
            policy: new StoredPolicy("Self") { LifetimeActions = [new("AutoRenew", 80)] });

        (await scenario.SyncAsync()).Expect(3, "refuse not-ours");
        (await scenario.SyncAsync("--adopt")).Expect(0, "update-tags source-moved");

        Assert.Equal(1, scenario.VersionsOf("web"));
        Assert.DoesNotContain("SyncFrom", scenario.TagsOf("web").Keys);
        Assert.Equal("shop", scenario.TagsOf("web")["namespace"]);
        Assert.Equal("Unknown", scenario.Vault.Find("web")!.Policy.Issuer);
        Assert.Equal("EmailContacts", Assert.Single(scenario.Vault.Find("web")!.Policy.LifetimeActions!).Action);
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task A_list_without_tags_and_times_costs_a_GET_each_but_no_Secret_is_read_and_nothing_imported_again()
    {
        var scenario = fixture.New(static options => options with { SparseLists = true });
        scenario.Issue("web");
        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");
        scenario.Forget();

        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged");

        Assert.Equal(["GET /certificates", "GET /certificates/web"], scenario.VaultRequests);
        Assert.Single(scenario.SecretRequests);
        scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddDays(-5));
        (await scenario.SyncAsync()).Expect(3, "refuse older-than-vault");
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task With_rights_in_some_namespaces_only_these_are_synced_and_the_others_reported_and_nothing_is_pruned()
    {
        var scenario = fixture.New();
        var server = scenario.Sandbox.ApiServer;
        var account = Subject.ServiceAccount(SandboxCluster.Namespace, "narrow");
        server.Rbac.Grant(account, scenario.Namespace, PolicyRule.For("", "secrets", "list", "get"));
        server.Rbac.Grant(account, SandboxCluster.Namespace, PolicyRule.For("coordination.k8s.io", "leases", "get", "create", "update"));
        server.WriteKubeconfig(scenario.Sandbox.Kubeconfig("narrow"), server.IssueToken(SandboxCluster.Namespace, "narrow"), SandboxCluster.Namespace);
        server.State.AddNamespace("closed");
        scenario.Issue("web");
        scenario.Issue("old");
        string[] narrow = ["--kubeconfig", scenario.Sandbox.Kubeconfig("narrow")];
        (await scenario.RunAsync("sync", [.. narrow, "--namespace", scenario.Namespace])).Expect(0, "create not-in-vault", "create not-in-vault");
        scenario.Sandbox.Kubernetes.Delete(ResourceType.Secrets, scenario.Namespace, "old-tls");

        var run = (await scenario.RunAsync("sync", [.. narrow, "--namespace", "closed", "--namespace", scenario.Namespace, "--prune", "delete"]))
            .Expect(1, "fail namespace-unreadable", "keep listing-incomplete", "unchanged source-unchanged");
        Assert.Contains("closed", run.Lines[0].Message, StringComparison.Ordinal);

        var whole = await scenario.RunAsync("sync", narrow);
        Assert.True(whole.Output.ExitCode == 2, whole.Output.ToString());
        Assert.Contains("secrets", whole.Output.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_that_cannot_be_reached_does_not_stop_the_other()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        scenario.Issue("edge", static spec => spec with { Annotations = new Dictionary<string, string> { ["certsync.clustertrust.dev/vault"] = "edge" } });

        var run = (await scenario.SyncAsync("--vault", scenario.Vault.Name, "--vault", "edge=no-such-vault", "--retries", "1")).Expect(1, "fail vault-unavailable", "create not-in-vault");

        Assert.Equal("edge/edge", $"{run.Lines[0].Vault}/{run.Lines[0].Name}");
        Assert.NotNull(scenario.Vault.Find("web"));
    }

    private static void AssertTags(Scenario scenario, Issuance issued)
    {
        var metadata = Assert.Single(scenario.Sandbox.Kubernetes.List(ResourceType.Secrets, scenario.Namespace))["metadata"]!;
        var tags = scenario.TagsOf("web");
        Assert.Equal(
            ["blue", "clustertrust-certsync", $"{scenario.Namespace}/web-tls", (string)metadata["uid"]!, (string)metadata["resourceVersion"]!, "1", issued.Thumbprint],
            new[] { "cluster", "managed-by", "source", "source-uid", "source-version", "tag-version", "thumbprint" }.Select(tag => tags[tag]));
        Assert.Matches("^[0-9a-f]{64}$", tags["chain-sha256"]);
        Assert.Equal(8, tags.Count);
    }
}
