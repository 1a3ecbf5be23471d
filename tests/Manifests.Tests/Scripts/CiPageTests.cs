namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>The workflow of docs/ci.md publishes from outside of the cluster, with the rights of a ServiceAccount that has none.</summary>
public sealed class CiPageTests
{
    [Fact]
    public async Task The_workflow_publishes_the_issuer_with_a_kubeconfig_and_a_deploy_key()
    {
        await using var cluster = await SandboxCluster.StartAsync();
        var workflow = Blocks("yaml")[0];
        var step = workflow["jobs"]!["publish"]!["steps"]!.AsArray()[^1]!;
        Assert.Equal(["DEPLOY_KEY", "KUBECONFIG_TEXT"], step["env"]!.AsObject().Select(static entry => entry.Key).Order());
        Assert.Empty(workflow["permissions"]!.AsObject());
        Assert.NotEqual(SandboxCluster.Namespace, Space);
        await RunAsync(cluster, [step]);
        Assert.Contains(await cluster.Repository.TreeAsync("main"), static entry => entry.Path.EndsWith("openid/v1/jwks", StringComparison.Ordinal));
    }

    /// <summary>The step with the deploy key has no kubeconfig, and the ServiceAccount may only request its own token.</summary>
    [Fact]
    public async Task The_workflow_publishes_the_documents_that_an_earlier_step_fetched()
    {
        await using var cluster = await SandboxCluster.StartAsync();
        cluster.ApiServer.State.AddNamespace(Space);
        cluster.ApiServer.IssueToken(Space, "issuer-reader");
        await using var kubectl = new BinaryRunner("/bin/bash") { Environment = { ["KUBECONFIG"] = cluster.Folder.Combine("admin.kubeconfig") } };
        cluster.ApiServer.WriteKubeconfig(kubectl.Environment["KUBECONFIG"]);
        (await kubectl.RunAsync("-e", "-c", Page.Split("\n```sh\n")[^1].Split("```")[0])).OrThrow();
        var steps = Blocks("yaml")[^1]["steps"]!.AsArray();
        Assert.Equal(["KUBECONFIG_TEXT", "DEPLOY_KEY"], steps.Select(static step => step!["env"]!.AsObject().Single().Key));
        await RunAsync(cluster, steps);
        Assert.Contains(await cluster.Repository.TreeAsync("main"), static entry => entry.Path.EndsWith("openid/v1/jwks", StringComparison.Ordinal));
    }

    private static string Page { get; } = File.ReadAllText(Path.Combine(Workspace.Root, "docs", "ci.md"));

    /// <summary>Not that of the overlays, which may be in the same cluster.</summary>
    private static string Space { get; } = Page.Split("kubectl create namespace ")[1].Split('\n')[0];

    private static JsonNode[] Blocks(string language) => [.. Page.Split($"\n```{language}\n").Skip(1).Select(static block => YamlText.Read(block.Split("```")[0]).Single())];

    /// <summary>Runs steps as GitHub does, in one folder: each ends at its first command that fails, and has its own secrets alone.</summary>
    private static async Task RunAsync(SandboxCluster cluster, IEnumerable<JsonNode?> steps)
    {
        using var checkout = new TemporaryFolder();
        checkout.CreateFolder("artifacts");
        Directory.CreateSymbolicLink(checkout.Combine("artifacts", "oidc"), Path.GetDirectoryName(Binaries.Find("oidc"))!);
        var kubeconfig = checkout.Combine("given");
        cluster.ApiServer.WriteKubeconfig(kubeconfig, cluster.ApiServer.IssueToken(Space, "issuer-reader"), Space);
        var secrets = new Dictionary<string, string>
        {
            ["KUBECONFIG_TEXT"] = await File.ReadAllTextAsync(kubeconfig),
            ["DEPLOY_KEY"] = await File.ReadAllTextAsync(cluster.DeployKey.PrivateKeyPath),
        };
        File.Delete(kubeconfig);
        await using var shell = new BinaryRunner("/bin/bash") { WorkingDirectory = checkout.Path };
        foreach (var step in steps)
        {
            var script = step.Text("run")!
                .Replace("https://OWNER.github.io/REPO", SandboxCluster.Issuer, StringComparison.Ordinal)
                .Replace("git@github.com:OWNER/REPO.git", cluster.Ssh.Url(SandboxCluster.RepositoryName), StringComparison.Ordinal);

            // The sandbox's server is not a publicly known one.
            var own = new Dictionary<string, string>(cluster.Environment()) { ["OIDC_KNOWN_HOSTS"] = cluster.KnownHostsFile, ["OIDC_BRANCH"] = "main" };
            step!["env"]!.AsObject().ToList().ForEach(entry => own[entry.Key] = secrets[entry.Key]);
            (await shell.RunAsync(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], own, TimeSpan.FromMinutes(3))).OrThrow();
        }
    }
}
