using ClusterTrust.Manifests.Tests.Rendering;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Manifests.Tests.Scripts;

/// <summary>The workflow of docs/ci.md publishes from outside of the cluster, with the rights of a ServiceAccount that has none.</summary>
public sealed class CiPageTests
{
    [Fact]
    public async Task The_workflow_publishes_the_issuer_with_a_kubeconfig_and_a_deploy_key()
    {
        await using var cluster = await SandboxCluster.StartAsync();
        var page = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "docs", "ci.md"));
        var workflow = YamlText.Read(page.Split("\n```yaml\n")[1].Split("```")[0]).Single();
        var step = workflow["jobs"]!["publish"]!["steps"]!.AsArray()[^1]!;
        var script = step.Text("run")!
            .Replace("https://OWNER.github.io/REPO", SandboxCluster.Issuer, StringComparison.Ordinal)
            .Replace("git@github.com:OWNER/REPO.git", cluster.Ssh.Url(SandboxCluster.RepositoryName), StringComparison.Ordinal);
        Assert.Equal(["DEPLOY_KEY", "KUBECONFIG_TEXT"], step["env"]!.AsObject().Select(static entry => entry.Key).Order());
        Assert.Empty(workflow["permissions"]!.AsObject());

        using var checkout = new TemporaryFolder();
        checkout.CreateFolder("artifacts");
        Directory.CreateSymbolicLink(checkout.Combine("artifacts", "oidc"), Path.GetDirectoryName(Binaries.Find("oidc"))!);
        var kubeconfig = checkout.Combine("given");
        cluster.ApiServer.WriteKubeconfig(kubeconfig, cluster.ApiServer.IssueToken(SandboxCluster.Namespace, "issuer-reader"), SandboxCluster.Namespace);
        await using var shell = new BinaryRunner("/bin/bash") { WorkingDirectory = checkout.Path };
        foreach (var (name, value) in cluster.Environment().Where(static one => !one.Key.StartsWith("AZURE_", StringComparison.Ordinal)))
        {
            shell.Environment[name] = value;
        }

        // The sandbox's server is none that is known everywhere.
        shell.Environment["OIDC_KNOWN_HOSTS"] = cluster.KnownHostsFile;
        shell.Environment["OIDC_BRANCH"] = "main";
        shell.Environment["KUBECONFIG_TEXT"] = await File.ReadAllTextAsync(kubeconfig);
        shell.Environment["DEPLOY_KEY"] = await File.ReadAllTextAsync(cluster.DeployKey.PrivateKeyPath);

        // As GitHub runs a step: it ends at the first command that fails.
        var output = await shell.RunAsync(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], timeout: TimeSpan.FromMinutes(3));

        Assert.True(output.ExitCode == 0, output.ToString());
        Assert.Contains(await cluster.Repository.TreeAsync("main"), static entry => entry.Path.EndsWith("openid/v1/jwks", StringComparison.Ordinal));
    }
}
