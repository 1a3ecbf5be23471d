using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ClusterTrust.Demo;

/// <summary>
/// The overlay <c>push</c>, without Event Grid and KEDA, which the sandbox does not have: its Job's container runs once, as KEDA starts
/// it for a message about a new version.
/// </summary>
internal sealed partial class Push(SandboxCluster cluster)
{
    private const string Space = "shop";
    private const string Account = "refresh-external-secrets";
    private const string Secret = "web-from-vault";

    /// <summary>kubectl, if it is installed and knows kustomize components (1.21 or newer); otherwise null.</summary>
    private readonly string? _kubectl = Tools.TryFind("kubectl");

    /// <summary>Applies the overlay, and creates an ExternalSecret with its label.</summary>
    /// <returns>The container's arguments; null if there is no kubectl that can build the overlay.</returns>
    public async Task<string[]?> InstallAsync()
    {
        var overlay = Path.Combine(Binaries.RepositoryRoot(AppContext.BaseDirectory), "kustomize", "overlays", "push");
        if (_kubectl is null || await RunAsync(cluster.AdminKubeconfig, "kustomize", overlay) is not { ExitCode: 0 } rendered)
        {
            return null;
        }

        // KEDA's own objects mean nothing to this API server.
        var documents = rendered.StandardOutput.Split("\n---\n").ToLookup(static document => document.Contains("apiVersion: keda.sh/", StringComparison.Ordinal));
        var applied = await RunAsync(cluster.AdminKubeconfig, "apply", "--filename", cluster.Folder.Write("push.yaml", string.Join("\n---\n", documents[false])));
        if (applied.ExitCode != 0)
        {
            throw new InvalidOperationException($"kubectl should apply the overlay push\n{applied}");
        }

        cluster.ApiServer.State.Put(ResourceType.ExternalSecrets, new JsonObject
        {
            ["metadata"] = new JsonObject { ["namespace"] = Space, ["name"] = Secret, ["labels"] = new JsonObject { ["clustertrust.dev/refresh"] = "on-new-version" } },
            ["spec"] = new JsonObject { ["refreshInterval"] = "1h" },
        });
        return [.. Arguments().Match(string.Concat(documents[true])).Groups["argument"].Captures.Select(static capture => capture.Value)];
    }

    /// <summary>Runs the container: kubectl as its ServiceAccount, with its permissions alone.</summary>
    public async Task<Output> RefreshAsync(string[] arguments, string pod)
    {
        var kubeconfig = cluster.Folder.Combine("push.kubeconfig");
        cluster.ApiServer.WriteKubeconfig(kubeconfig, cluster.ApiServer.IssueToken(Space, Account), Space);
        return await RunAsync(kubeconfig, [.. arguments.Select(argument => argument.Replace("$(POD_NAME)", pod, StringComparison.Ordinal))]);
    }

    /// <summary>The annotation whose change makes External Secrets read the vault; null before the first time.</summary>
    public string? Annotation() => (string?)cluster.ApiServer.State.Find(ResourceType.ExternalSecrets, Space, Secret)!.Body["metadata"]!["annotations"]?["force-sync"];

    private async Task<Output> RunAsync(string kubeconfig, params string[] arguments)
    {
        await using var runner = new BinaryRunner(_kubectl!) { Environment = { ["KUBECONFIG"] = kubeconfig } };
        return await runner.RunAsync(arguments, timeout: TimeSpan.FromMinutes(2));
    }

    [GeneratedRegex(@"- args:\n(?:\s+- (?<argument>\S+)\n)+")]
    private static partial Regex Arguments();
}
