using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Certificates of this job that no Secret asks for any more.</summary>
public sealed class PruneTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Fact]
    public async Task A_left_over_is_kept_unless_told_otherwise_and_reported()
    {
        var scenario = await WithLeftOversAsync("web");

        var kept = (await scenario.SyncAsync()).Expect(0, "keep source-gone");

        Assert.Contains($"{scenario.Namespace}/web-tls is gone", kept.Only.Message, StringComparison.Ordinal);
        Assert.True(scenario.Vault.Find("web")!.Latest.Enabled);
    }

    [Fact]
    public async Task A_left_over_is_deleted_when_told_so_and_a_plan_says_the_same_without_doing_it()
    {
        var scenario = await WithLeftOversAsync("web");

        (await scenario.PlanAsync("--prune", "delete")).Expect(0, "delete source-gone");
        Assert.Null(scenario.Vault.Find("web")!.DeletedAt);
        (await scenario.SyncAsync("--prune", "delete")).Expect(0, "delete source-gone");
        Assert.NotNull(scenario.Vault.Find("web")!.DeletedAt);
        (await scenario.SyncAsync("--prune", "delete")).Expect(0);
    }

    [Fact]
    public async Task A_left_over_is_disabled_when_told_so_and_enabled_again_when_its_Secret_comes_back()
    {
        var scenario = await WithLeftOversAsync("web");

        (await scenario.SyncAsync("--prune", "disable")).Expect(0, "disable source-gone");
        Assert.False(scenario.Vault.Find("web")!.Latest.Enabled);
        (await scenario.SyncAsync("--prune", "disable")).Expect(0);

        var issued = scenario.Issue("web", notBefore: DateTimeOffset.UtcNow.AddSeconds(-5));
        (await scenario.SyncAsync("--prune", "disable")).Expect(0, "renew newer-in-cluster");
        scenario.AssertHas("web", issued);
        Assert.True(scenario.Vault.Find("web")!.Latest.Enabled);
    }

    [Fact]
    public async Task More_left_overs_than_one_run_may_prune_are_refused_until_the_limit_is_raised()
    {
        var scenario = await WithLeftOversAsync("a", "b", "c");

        var refused = (await scenario.SyncAsync("--prune", "delete", "--prune-limit", "2"))
            .Expect(3, "refuse prune-limit", "refuse prune-limit", "refuse prune-limit");
        Assert.Contains("--prune-limit", refused.Lines[0].Message, StringComparison.Ordinal);
        Assert.All(scenario.Vault.Certificates, static certificate => Assert.Null(certificate.DeletedAt));

        (await scenario.SyncAsync("--prune", "delete", "--prune-limit", "3")).Expect(0, "delete source-gone", "delete source-gone", "delete source-gone");
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task Nothing_is_pruned_when_not_every_namespace_could_be_listed()
    {
        var scenario = await WithLeftOversAsync("web");
        Narrow(scenario);

        var run = await scenario.RunAsync("sync", "--namespace", scenario.Namespace, "--namespace", "not-mine", "--prune", "delete", "--kubeconfig", Narrowed(scenario));

        run.Expect(1, "fail namespace-unreadable", "keep listing-incomplete");
        Assert.Null(scenario.Vault.Find("web")!.DeletedAt);
    }

    [Fact]
    public async Task A_Secret_that_exists_but_is_not_among_those_looked_at_is_not_gone()
    {
        var scenario = fixture.New();
        scenario.Issue("web", static spec => spec with { Labels = new Dictionary<string, string> { ["tier"] = "front" } });
        await scenario.SyncAsync();

        (await scenario.SyncAsync("--prune", "delete", "--label-selector", "tier=back")).Expect(0, "keep source-not-listed");
        (await scenario.SyncAsync("--prune", "delete", "--certificate", "api*")).Expect(0);
        (await scenario.SyncAsync("--prune", "delete", "--exclude-namespace", scenario.Sandbox.Kubernetes.NamespaceOf("shop-*"))).Expect(0);

        Assert.Null(scenario.Vault.Find("web")!.DeletedAt);
    }

    [Fact]
    public async Task Other_peoples_certificates_are_never_pruned()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web");
        scenario.Sandbox.Kubernetes.Delete(ResourceType.Secrets, scenario.Namespace, "web-tls");
        scenario.Vault.Seed("foreign", issued.Leaf);
        scenario.Vault.Seed("green", issued.Leaf, new Dictionary<string, string>
        {
            ["managed-by"] = "clustertrust-certsync",
            ["cluster"] = "green",
            ["source"] = $"{scenario.Namespace}/web-tls",
            ["tag-version"] = "1",
        });

        (await scenario.SyncAsync("--prune", "delete")).Expect(0);

        Assert.All(scenario.Vault.Certificates, static certificate => Assert.Null(certificate.DeletedAt));
    }

    [Fact]
    public async Task A_renamed_certificates_old_name_is_left_over_once_the_new_one_is_there()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("old", static spec => spec with { SecretName = "tls" });
        await scenario.SyncAsync();
        scenario.Sandbox.Certificates.Put(new(scenario.Namespace, "new") { SecretName = "tls" }, issued.Data);

        (await scenario.SyncAsync("--prune", "delete")).Expect(0, "create not-in-vault");
        (await scenario.SyncAsync()).Expect(0, "unchanged source-unchanged", "keep source-renamed");
        (await scenario.SyncAsync("--prune", "delete")).Expect(0, "unchanged source-unchanged", "delete source-renamed");

        Assert.NotNull(scenario.Vault.Find("old")!.DeletedAt);
        scenario.AssertHas("new", issued);
    }

    private async Task<Scenario> WithLeftOversAsync(params string[] names)
    {
        var scenario = fixture.New();
        foreach (var name in names)
        {
            scenario.Issue(name);
        }

        Assert.Equal(0, (await scenario.SyncAsync()).Output.ExitCode);
        foreach (var name in names)
        {
            scenario.Sandbox.Kubernetes.Delete(ResourceType.Secrets, scenario.Namespace, $"{name}-tls");
        }

        return scenario;
    }

    private static string Narrowed(Scenario scenario) => scenario.Sandbox.Kubeconfig("narrow");

    private static void Narrow(Scenario scenario)
    {
        var server = scenario.Sandbox.ApiServer;
        var account = Subject.ServiceAccount(SandboxCluster.Namespace, "narrow");
        server.Rbac.Grant(account, scenario.Namespace, PolicyRule.For("", "secrets", "list", "get"));
        server.Rbac.Grant(account, SandboxCluster.Namespace, PolicyRule.For("coordination.k8s.io", "leases", "get", "create", "update"));
        server.WriteKubeconfig(Narrowed(scenario), server.IssueToken(SandboxCluster.Namespace, "narrow"), SandboxCluster.Namespace);
    }
}
