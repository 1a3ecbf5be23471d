namespace ClusterTrust.EndToEnd.Tests.Chain;

/// <summary>The whole chain, on any cluster, on the sandbox's own by the built binaries: API server → repository → Pages → Entra ID → Key Vault.</summary>
public sealed class WholeChainTests : SandboxTest
{
    [Fact]
    public Task A_published_issuer_opens_the_vault_and_a_renewed_certificate_and_a_rotated_key_follow()
    {
        Cluster.JobsAreProcesses = true;
        return ChainAsync(Cluster);
    }

    [Fact]
    public Task What_was_done_stands_as_Events_on_the_Secrets_and_on_the_Job() => EventsAsync(Cluster);

    /// <summary>Refused, published, verified, synced, unchanged, renewed; and by a new signing key where the sandbox may rotate it.</summary>
    internal static async Task ChainAsync(SandboxCluster cluster)
    {
        var web = new CertificateSpec(cluster.Kubernetes.NamespaceOf("shop"), "web");
        var first = cluster.Certificates.Issue(web);
        Expect.Exit(Expect.Failed, await cluster.CertSyncAsync("sync"), "AADSTS");
        Assert.Empty(cluster.Vault.Certificates);

        Expect.Done(await cluster.OidcAsync("publish"));
        Expect.Done(await cluster.OidcAsync("verify", "--verify-token-file", cluster.FederatedTokenFile, "--audience", "api://AzureADTokenExchange", "--output", "json"), "is accepted");
        Expect.Done(
            await cluster.RunAsync("oidc", ["trust", "--subject", "system:serviceaccount:shop:reader", "--cloud", "azure", "--kubeconfig", cluster.Kubeconfig("oidc")]),
            $"--issuer '{cluster.IssuerUrl}'");
        Expect.Done(await cluster.CertSyncAsync("sync"));
        Assert.Equal(first.Thumbprint, Assert.Single(cluster.Vault.Certificates).Latest.Thumbprint, ignoreCase: true);

        var tip = cluster.Repository.Tip("main");
        Expect.Done(await cluster.OidcAsync("publish"));
        Expect.Done(await cluster.CertSyncAsync("sync"));
        Assert.Equal(tip, cluster.Repository.Tip("main"));
        Assert.Single(cluster.Vault.Find("web")!.Versions);

        var second = cluster.Certificates.Issue(web);
        if (cluster.IsOwn)
        {
            // The tokens of a new signing key are refused until it is published.
            cluster.ApiServer.Keys.Rotate(SigningAlgorithm.RS256, keepOld: true);
            cluster.RenewTokens();
            Expect.Exit(Expect.Failed, await cluster.CertSyncAsync("sync"));
            Expect.Done(await cluster.OidcAsync("publish"));
        }

        Expect.Done(await cluster.CertSyncAsync("sync"));
        Assert.Equal(second.Thumbprint, cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);
        Assert.Equal("", await cluster.Repository.FsckAsync());
    }

    /// <summary>Events that the API server accepts, on a Secret and on the run's own Job.</summary>
    internal static async Task EventsAsync(SandboxCluster cluster)
    {
        if (cluster.IsOwn)
        {
            cluster.ApiServer.Rbac.Grant(
                Subject.ServiceAccount(SandboxCluster.Namespace, "certsync"), null, PolicyRule.For("events.k8s.io", "events", "create"));

            // As a load balancer may, it keeps no connection open.
            cluster.ApiServer.OnRequest = static context =>
            {
                context.Response.OnCompleted(() => Task.Run(context.Abort));
                return Task.CompletedTask;
            };
        }

        var shop = cluster.Kubernetes.NamespaceOf("shop");
        cluster.Certificates.Issue(new CertificateSpec(shop, "web.of.a.long-name"));
        cluster.Certificates.Mismatched(new CertificateSpec(shop, "legacy"));
        Expect.Done(await cluster.OidcAsync("publish"));
        var run = await cluster.RunAsync("certsync", ["sync", .. cluster.CertSyncArguments(), "--events"], new Dictionary<string, string>
        {
            ["CERTSYNC_JOB_NAME"] = "certsync-now",
            ["CERTSYNC_JOB_UID"] = Guid.NewGuid().ToString(),
        });

        Assert.DoesNotContain("EventsNotWritten", run.StandardError, StringComparison.Ordinal);
        var events = OfCertSync(shop).ToDictionary(static one => Text(one["regarding"], "name"));
        Assert.Equal(["legacy-tls", "web.of.a.long-name-tls"], events.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["Refused Warning", "Imported Normal"], events.OrderBy(static one => one.Key).Select(static one => $"{Text(one.Value, "reason")} {Text(one.Value, "type")}"));
        Assert.Equal("certsync-now", Text(Assert.Single(OfCertSync(cluster.JobsNamespace))["regarding"], "name"));

        // A cluster's own controllers write Events, too.
        IEnumerable<JsonObject> OfCertSync(string space) =>
            cluster.Kubernetes.List(ResourceType.Events, space).Where(static one => Text(one, "reportingController").Contains("certsync", StringComparison.Ordinal));
    }

    private static string Text(JsonNode? node, string name) => node![name]!.GetValue<string>();
}
