using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Which Secrets are looked at, and how little of them.</summary>
public sealed class ReadingTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Fact]
    public async Task Temporary_certificates_next_private_keys_and_switched_off_Secrets_are_skipped_with_their_reason()
    {
        var scenario = fixture.New();
        scenario.Issue("off", static spec => spec with { Annotations = new Dictionary<string, string> { ["certsync.clustertrust.dev/enabled"] = "false" } });
        scenario.Sandbox.Certificates.NextPrivateKey(new CertificateSpec(scenario.Namespace, "next"));
        using var temporary = TestLeaf.Temporary();
        scenario.Sandbox.Certificates.Put(new CertificateSpec(scenario.Namespace, "temp"), temporary.Data);

        var run = (await scenario.SyncAsync("--include-opaque")).Expect(0, "skip next-private-key", "skip switched-off", "skip temporary-certificate");

        Assert.Empty(scenario.Vault.Certificates);
        Assert.All(run.Lines, static line => Assert.NotEmpty(line.Message));
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task Opaque_Secrets_are_taken_when_asked_for()
    {
        var scenario = fixture.New();
        var issued = CertificateIssuer.Issue(new CertificateSpec(scenario.Namespace, "web"));
        scenario.Sandbox.ApiServer.State.PutSecret(scenario.Namespace, "web", issued.Data, "Opaque",
            annotations: new Dictionary<string, string> { ["cert-manager.io/certificate-name"] = "web" });

        (await scenario.SyncAsync()).Expect(0);
        (await scenario.SyncAsync("--include-opaque")).Expect(0, "create not-in-vault");
        scenario.AssertHas("web", issued);
    }

    [Fact]
    public async Task Only_what_globs_selectors_and_the_annotation_choose_is_synced()
    {
        var scenario = fixture.New();
        scenario.Issue("web", static spec => spec with { Labels = new Dictionary<string, string> { ["tier"] = "front" } });
        scenario.Issue("api", static spec => spec with { Annotations = new Dictionary<string, string> { ["example.com/cert"] = "custom" } });

        (await scenario.PlanAsync("--certificate", "we[a-c]")).Expect(0, "create not-in-vault");
        (await scenario.PlanAsync("--label-selector", "tier=front")).Expect(0, "create not-in-vault");
        Assert.Equal("custom", (await scenario.PlanAsync("--annotation", "example.com/cert")).Expect(0, "create not-in-vault").Only.Name);
        (await scenario.PlanAsync("--exclude-namespace", scenario.Sandbox.Kubernetes.NamespaceOf("shop-*"))).Expect(0);
        Assert.Empty(scenario.Vault.Certificates);
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task With_rights_in_some_namespaces_only_these_are_synced_and_the_others_reported()
    {
        var scenario = fixture.New();
        var server = scenario.Sandbox.ApiServer;
        var account = Subject.ServiceAccount(SandboxCluster.Namespace, "narrow");
        server.Rbac.Grant(account, scenario.Namespace, PolicyRule.For("", "secrets", "list", "get"));
        server.Rbac.Grant(account, SandboxCluster.Namespace, PolicyRule.For("coordination.k8s.io", "leases", "get", "create", "update"));
        server.WriteKubeconfig(scenario.Sandbox.Kubeconfig("narrow"), server.IssueToken(SandboxCluster.Namespace, "narrow"), SandboxCluster.Namespace);
        server.State.AddNamespace("closed");
        var issued = scenario.Issue("web");
        string[] narrow = ["--kubeconfig", scenario.Sandbox.Kubeconfig("narrow")];
        string[] both = [.. narrow, "--namespace", "closed", "--namespace", scenario.Namespace];

        (await scenario.RunAsync("sync", both)).Expect(1, "fail namespace-unreadable", "fail namespace-unreadable");
        Assert.Empty(scenario.Vault.Certificates);

        (await scenario.RunAsync("sync", [.. narrow, "--namespace", scenario.Namespace])).Expect(0, "create not-in-vault");
        var run = await scenario.RunAsync("sync", both);

        run.Expect(1, "fail namespace-unreadable", "unchanged source-unchanged");
        Assert.Contains("closed", run.Lines[0].Message, StringComparison.Ordinal);
        Assert.Contains("secrets", run.Lines[0].Message, StringComparison.Ordinal);
        scenario.AssertHas("web", issued);

        var whole = await scenario.RunAsync("sync", narrow);
        Assert.True(whole.Output.ExitCode == 2, whole.Output.ToString());
        Assert.Contains("secrets", whole.Output.StandardError, StringComparison.Ordinal);
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task A_listing_whose_continue_token_expired_is_resumed_and_complete()
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web", static spec => spec with { Ec = true });
        foreach (var number in Enumerable.Range(0, 700))
        {
            scenario.Sandbox.Certificates.Put(new CertificateSpec(scenario.Namespace, $"c{number:000}"), issued.Data);
        }

        var pages = 0;
        scenario.Sandbox.ApiServer.OnRequest = context =>
        {
            if (context.Request.Query.ContainsKey("continue") && Interlocked.Increment(ref pages) == 1)
            {
                scenario.Sandbox.ApiServer.State.Compact();
            }

            return Task.CompletedTask;
        };
        var run = await scenario.PlanAsync();
        scenario.Sandbox.ApiServer.OnRequest = null;

        Assert.True(run.Output.ExitCode == 0, run.Output.ToString());
        Assert.Equal(701, run.Summary["create"]);
        Assert.Contains(scenario.Sandbox.ApiServer.Requests, static request => request.Status == 410);
    }

    [Trait("ApiServer", "own")]
    [Fact]
    public async Task The_steady_state_of_hundreds_reads_no_Secret_and_asks_the_vault_for_its_list_alone()
    {
        const int Count = 300;
        var scenario = fixture.New();
        var issued = scenario.Issue("web", static spec => spec with { Ec = true });
        foreach (var number in Enumerable.Range(0, Count - 1))
        {
            scenario.Sandbox.Certificates.Put(new CertificateSpec(scenario.Namespace, $"c{number:000}"), issued.Data);
        }

        var first = await scenario.SyncAsync();
        Assert.True(first.Output.ExitCode == 0, first.Output.ToString());
        Assert.Equal(Count, scenario.Vault.Certificates.Count);
        Assert.Equal(Count, scenario.VaultRequests.Count(static request => request.EndsWith("/import", StringComparison.Ordinal)));
        scenario.Forget();

        var steady = await scenario.SyncAsync();

        Assert.Equal(Count, steady.Summary["unchanged"]);
        Assert.Equal(Enumerable.Repeat("GET /certificates", Count / 25), scenario.VaultRequests);
        Assert.Equal([$"GET /api/v1/namespaces/{scenario.Namespace}/secrets"], scenario.SecretRequests);
        Assert.All(scenario.Sandbox.ApiServer.Requests, request => Assert.True(request.ResponseBytes < 1000 * Count));
    }
}
