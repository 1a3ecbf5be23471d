namespace ClusterTrust.Manifests.Tests.Pods;

/// <summary>
/// Runs a built job exactly as in the pod template of its rendered CronJob: arguments, variables from ConfigMaps and Secrets,
/// volumes. What the kubelet mounts below the root is written to a folder, and its path put in front of the paths that settings name.
/// </summary>
internal sealed class PodRunner(SandboxCluster cluster, Rendered rendered, string job, JsonObject? made = null) : IDisposable
{
    private readonly TemporaryFolder _root = new("clustertrust-pod-");

    /// <summary>The Secrets of the namespace, by name.</summary>
    public Dictionary<string, Dictionary<string, string>> Secrets { get; } = [];

    /// <summary>The API server of the pod's cluster; the sandbox's own unless there are several.</summary>
    public KubeApiServer ApiServer { get; init; } = cluster.ApiServer;

    public string JobUid { get; } = made.Text("metadata", "uid") ?? Guid.NewGuid().ToString();

    public string JobName { get; } = made.Text("metadata", "name") ?? $"{job}-now";

    /// <summary>The Azure workload identity webhook of the cluster.</summary>
    public WorkloadIdentityWebhook Webhook { get; set; } = WorkloadIdentityWebhook.OpenSource;

    private JsonNode Job => made?["spec"] ?? rendered.OfJob("CronJob", job)["spec"]!["jobTemplate"]!["spec"]!;

    private string Namespace => made.Text("metadata", "namespace") ?? rendered.OfJob("CronJob", job).Text("metadata", "namespace")!;

    /// <summary>How many pods the Job starts, one after the other or side by side.</summary>
    public int Completions => (int)(Job["completions"]?.GetValue<long>() ?? 1);

    /// <summary>Starts a pod and waits for its end.</summary>
    public async Task<Output> RunAsync(int index = 0)
    {
        var template = Job["template"]!.DeepClone();
        var spec = template["spec"]!;
        var account = spec.Text("serviceAccountName")!;
        Assert.Contains(rendered.OfKind("ServiceAccount"), one => one.Text("metadata", "name") == account && one.Text("metadata", "namespace") == Namespace);
        Webhook.Mutate(template, rendered.One("ServiceAccount", account));
        var container = Assert.Single(spec["containers"]!.AsArray())!;
        var mounts = (container["volumeMounts"]?.AsArray() ?? []).ToDictionary(
            static mount => mount.Text("mountPath")!,
            mount => Mount(spec, mount.Text("name")!, account));
        var environment = EnvironmentOf(container, account);

        if (Job.Text("completionMode") == "Indexed")
        {
            environment["JOB_COMPLETION_INDEX"] = index.ToString(CultureInfo.InvariantCulture);
        }

        await using var runner = new BinaryRunner(Binaries.Find(job)) { AlwaysStarts = cluster.JobsAreProcesses };
        foreach (var (name, value) in cluster.Environment().Where(static one => !one.Key.StartsWith("AZURE_", StringComparison.Ordinal))
            .Concat(environment.Select(one => KeyValuePair.Create(one.Key, Rooted(one.Value, mounts)))))
        {
            runner.Environment[name] = value;
        }

        if (spec["automountServiceAccountToken"]!.GetValue<bool>())
        {
            // The kubelet's folder for the API server's token is fixed; a kubeconfig has the same content.
            var kubeconfig = _root.Combine("kubeconfig");
            ApiServer.WriteKubeconfig(kubeconfig, ApiServer.IssueToken(Namespace, account), Namespace);
            runner.Environment["KUBECONFIG"] = kubeconfig;
        }

        var arguments = (container["args"]?.AsArray() ?? []).Select(argument => Rooted(argument!.GetValue<string>(), mounts));
        return await runner.RunAsync(arguments);
    }

    public void Dispose() => _root.Dispose();

    private Dictionary<string, string> EnvironmentOf(JsonNode container, string account)
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
            var value = variable["valueFrom"]?["fieldRef"] is { } field
                ? FieldOfPod(field.Text("fieldPath")!, account)
                : reference is null
                ? variable.Text("value")
                : Secrets.GetValueOrDefault(reference.Text("name")!)?.GetValueOrDefault(reference.Text("key")!);
            if (value is not null)
            {
                // As the kubelet does: a variable's value may refer to earlier ones.
                environment[variable.Text("name")!] = environment.Aggregate(value, static (text, known) => text.Replace($"$({known.Key})", known.Value, StringComparison.Ordinal));
            }
            else
            {
                Assert.True(reference?["optional"]?.GetValue<bool>(), $"The pod would not start: there is no Secret for {variable.Text("name")}.");
            }
        }

        return environment;
    }

    /// <summary>The values of the downward API: of the labels, those that the Job controller sets.</summary>
    private string FieldOfPod(string path, string account) => path switch
    {
        "metadata.namespace" => Namespace,
        "spec.serviceAccountName" => account,
        "metadata.labels['batch.kubernetes.io/job-name']" => JobName,
        "metadata.labels['batch.kubernetes.io/controller-uid']" => JobUid,
        _ => throw new InvalidOperationException($"The field {path} is not one that a job uses."),
    };

    private string Mount(JsonNode spec, string name, string account)
    {
        var volumes = spec["volumes"]?.AsArray() ?? [];
        var volume = Assert.Single(volumes, volume => volume.Text("name") == name)!;
        var folder = _root.CreateFolder(name);
        if (volume["secret"] is { } secret)
        {
            var content = Secrets.GetValueOrDefault(secret.Text("secretName")!);
            Assert.True(content is not null, $"The pod would not start: there is no Secret {secret.Text("secretName")}.");
            foreach (var (key, value) in content)
            {
                _root.Write($"{name}/{key}", value);
            }
        }
        else if (volume["projected"] is { } projected)
        {
            foreach (var token in projected["sources"]!.AsArray().Select(static source => source!["serviceAccountToken"]!))
            {
                _root.Write($"{name}/{token.Text("path")}", ApiServer.IssueToken(Namespace, account, [token.Text("audience")!]));
            }
        }
        else
        {
            Assert.True(volume["emptyDir"] is not null, $"The volume {name} is of a kind that no job has.");
        }

        return folder;
    }

    private static string Rooted(string value, Dictionary<string, string> mounts) =>
        mounts.FirstOrDefault(one => $"{value}/".StartsWith(one.Key + "/", StringComparison.Ordinal)) is { Key: { } mount, Value: var folder } ? folder + value[mount.Length..] : value;
}
