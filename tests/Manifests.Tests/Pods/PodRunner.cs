using System.Globalization;
using System.Text.Json.Nodes;
using ClusterTrust.Manifests.Tests.Rendering;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// Runs a built job exactly as the pod template of its rendered CronJob says: arguments, variables from ConfigMaps and Secrets,
/// volumes. What the kubelet mounts below the root is written to a folder, and its path put in front of the paths that settings name.
/// </summary>
/// <param name="cluster">The sandbox.</param>
/// <param name="rendered">The manifests.</param>
/// <param name="job"><c>oidc</c> or <c>certsync</c>.</param>
internal sealed class PodRunner(SandboxCluster cluster, Rendered rendered, string job) : IDisposable
{
    private readonly TemporaryFolder root = new("clustertrust-pod-");

    /// <summary>The Secrets of the namespace, by name.</summary>
    public Dictionary<string, Dictionary<string, string>> Secrets { get; } = [];

    private JsonObject CronJob => rendered.One("CronJob", job);

    private JsonNode Job => CronJob["spec"]!["jobTemplate"]!["spec"]!;

    private string Namespace => CronJob.Text("metadata", "namespace")!;

    /// <summary>How many pods the Job starts, one after the other or side by side.</summary>
    public int Completions => (int)(Job["completions"]?.GetValue<long>() ?? 1);

    /// <summary>Starts a pod and waits for its end.</summary>
    /// <param name="index">Its index, in an Indexed Job.</param>
    public async Task<Output> RunAsync(int index = 0)
    {
        var template = Job["template"]!;
        var spec = template["spec"]!;
        var account = spec.Text("serviceAccountName")!;
        Assert.Contains(rendered.OfKind("ServiceAccount"), one => one.Text("metadata", "name") == account && one.Text("metadata", "namespace") == Namespace);
        var container = Assert.Single(spec["containers"]!.AsArray())!;
        var mounts = (container["volumeMounts"]?.AsArray() ?? []).ToDictionary(
            static mount => mount.Text("mountPath")!,
            mount => Mount(mount.Text("name")!, account));
        var environment = EnvironmentOf(container);
        if (template["metadata"]?["labels"].Text("azure.workload.identity/use") == "true")
        {
            ActAsWebhook(account, environment, mounts);
        }

        if (Job.Text("completionMode") == "Indexed")
        {
            environment["JOB_COMPLETION_INDEX"] = index.ToString(CultureInfo.InvariantCulture);
        }

        await using var runner = new BinaryRunner(Binaries.Find(job));
        foreach (var (name, value) in cluster.Environment().Where(static one => !one.Key.StartsWith("AZURE_", StringComparison.Ordinal)))
        {
            runner.Environment[name] = value;
        }

        foreach (var (name, value) in environment)
        {
            runner.Environment[name] = Rooted(value, mounts);
        }

        if (spec["automountServiceAccountToken"]!.GetValue<bool>())
        {
            // The kubelet's folder for the API server's token is fixed; a kubeconfig says the same.
            var kubeconfig = root.Combine("kubeconfig");
            cluster.ApiServer.WriteKubeconfig(kubeconfig, cluster.ApiServer.IssueToken(Namespace, account), Namespace);
            runner.Environment["KUBECONFIG"] = kubeconfig;
        }

        var arguments = (container["args"]?.AsArray() ?? []).Select(argument => Rooted(argument!.GetValue<string>(), mounts));
        return await runner.RunAsync(arguments, timeout: TimeSpan.FromMinutes(2));
    }

    public void Dispose() => root.Dispose();

    private Dictionary<string, string> EnvironmentOf(JsonNode container)
    {
        var environment = new Dictionary<string, string>();
        foreach (var source in container["envFrom"]?.AsArray() ?? [])
        {
            foreach (var (name, value) in (JsonObject)rendered.One("ConfigMap", source.Text("configMapRef", "name")!)["data"]!)
            {
                environment[name] = value!.GetValue<string>();
            }
        }

        foreach (var variable in container["env"]?.AsArray() ?? [])
        {
            var reference = variable!["valueFrom"]?["secretKeyRef"];
            var value = reference is null
                ? variable.Text("value")
                : Secrets.GetValueOrDefault(reference.Text("name")!)?.GetValueOrDefault(reference.Text("key")!);
            if (value is not null)
            {
                environment[variable.Text("name")!] = value;
            }
            else
            {
                Assert.True(reference?["optional"]?.GetValue<bool>(), $"The pod would not start: there is no Secret for {variable.Text("name")}.");
            }
        }

        return environment;
    }

    private string Mount(string name, string account)
    {
        var volumes = Job["template"]!["spec"]!["volumes"]?.AsArray() ?? [];
        var volume = Assert.Single(volumes, volume => volume.Text("name") == name)!;
        var folder = root.CreateFolder(name);
        if (volume["secret"] is { } secret)
        {
            var content = Secrets.GetValueOrDefault(secret.Text("secretName")!);
            Assert.True(content is not null, $"The pod would not start: there is no Secret {secret.Text("secretName")}.");
            foreach (var (key, value) in content)
            {
                root.Write($"{name}/{key}", value);
            }
        }
        else if (volume["projected"] is { } projected)
        {
            foreach (var token in projected["sources"]!.AsArray().Select(static source => source!["serviceAccountToken"]!))
            {
                root.Write($"{name}/{token.Text("path")}", cluster.ApiServer.IssueToken(Namespace, account, [token.Text("audience")!]));
            }
        }
        else
        {
            Assert.True(volume["emptyDir"] is not null, $"The volume {name} is of a kind that no job has.");
        }

        return folder;
    }

    /// <summary>What the Azure workload identity webhook adds to a pod that asks for it.</summary>
    private void ActAsWebhook(string account, Dictionary<string, string> environment, Dictionary<string, string> mounts)
    {
        var annotations = rendered.One("ServiceAccount", account)["metadata"]!["annotations"];
        environment["AZURE_CLIENT_ID"] = annotations.Text("azure.workload.identity/client-id")!;
        environment["AZURE_TENANT_ID"] = annotations.Text("azure.workload.identity/tenant-id")!;
        environment["AZURE_FEDERATED_TOKEN_FILE"] = "/var/run/secrets/azure/tokens/azure-identity-token";
        root.Write("webhook/azure-identity-token", cluster.ApiServer.IssueToken(Namespace, account, ["api://AzureADTokenExchange"]));
        mounts["/var/run/secrets/azure/tokens"] = root.Combine("webhook");
    }

    private static string Rooted(string value, Dictionary<string, string> mounts)
    {
        foreach (var (mount, folder) in mounts.Where(one => value == one.Key || value.StartsWith(one.Key + "/", StringComparison.Ordinal)))
        {
            return folder + value[mount.Length..];
        }

        return value;
    }
}
