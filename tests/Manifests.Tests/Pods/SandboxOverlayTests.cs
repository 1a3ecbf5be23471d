namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>The overlay <c>sandbox</c> applied with kubectl, as in its README, and the pods of the Jobs that kubectl creates.</summary>
public sealed class SandboxOverlayTests : InstallationTest
{
    [Fact]
    public async Task Kubectl_applies_it_makes_Jobs_by_hand_and_their_pods_run()
    {
        var folder = Installation.Fill("overlays/sandbox", ("oidc.env", Installation.OidcSettings), ("certsync.env", Installation.CertSyncSettings));
        var objects = Workspace.Render("overlays/sandbox").Objects.Count;
        Assert.Equal(objects, LinesOf(await KubectlAsync("apply", "-k", folder)).Length);
        Assert.All(LinesOf(await KubectlAsync("apply", "-k", folder)), static line => Assert.EndsWith(" unchanged", line, StringComparison.Ordinal));

        var web = Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        foreach (var job in new[] { "oidc", "certsync" })
        {
            await KubectlAsync("create", "job", $"--from=cronjob/{job}", $"{job}-now", "-n", SandboxCluster.Namespace);
            var made = Cluster.ApiServer.State.Find(ResourceType.Jobs, SandboxCluster.Namespace, $"{job}-now")!.Body;
            var cronJob = Cluster.ApiServer.State.Find(ResourceType.CronJobs, SandboxCluster.Namespace, job)!.Body;
            Assert.True(JsonNode.DeepEquals(cronJob["spec"]!["jobTemplate"]!["spec"], made["spec"]), $"{made["spec"]!.ToJsonString()} is not {cronJob["spec"]!["jobTemplate"]!["spec"]!.ToJsonString()}");

            using var pod = Installation.Pod(new Rendered("the cluster", AllObjects()), job, made);
            (await pod.RunAsync()).OrThrow();
        }

        Assert.Equal(web.Thumbprint, Cluster.Vault.Find("web")!.Latest.Thumbprint, ignoreCase: true);
        await KubectlAsync("delete", "-k", folder, "--ignore-not-found", "--wait=false");
        Assert.DoesNotContain(AllObjects(), static one => one["metadata"]?["labels"].Text("app.kubernetes.io/part-of") == "clustertrust");
    }

    private static string[] LinesOf(Output output) => output.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private IReadOnlyList<JsonObject> AllObjects() => [.. ResourceType.All.SelectMany(Cluster.ApiServer.State.List).Select(static one => one.Body)];

    private async Task<Output> KubectlAsync(params string[] arguments)
    {
        await using var kubectl = new BinaryRunner(Tools.Find("kubectl", "kubernetes-client"));
        kubectl.Environment["KUBECONFIG"] = Cluster.AdminKubeconfig;
        return (await kubectl.RunAsync(arguments)).OrThrow();
    }
}
