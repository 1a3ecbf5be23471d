using ClusterTrust.Hosting.Settings;
using static ClusterTrust.Manifests.Tests.Rules.Rule;

namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>
/// Rules for all rendered objects, besides the schemas: names and labels, images, CronJobs, secrets, Pod Security <i>restricted</i> and
/// more, and what operators' types do not check. For OpenShift, whose SCC <i>restricted-v2</i> assigns user and groups from the namespace's
/// range, none may be fixed instead.
/// </summary>
internal static partial class ManifestRules
{
    private const string Prefix = "app.kubernetes.io/";

    /// <summary>A container's; a pod's has user and groups, too.</summary>
    private static readonly JsonNode SecurityContext = JsonNode.Parse("""{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true}""")!;

    private static readonly string[] Volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    /// <summary>Names that libraries read: Azure's, OpenTelemetry's, and those of proxies and trust; and what the kubelet puts into other variables.</summary>
    private static readonly string[] OfLibraries =
    [
        "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME",
        "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "POD_NAMESPACE", "POD_SERVICE_ACCOUNT",
    ];

    /// <summary>Every reference to an object resolves.</summary>
    public static IReadOnlyList<Rule> References { get; } =
    [
        OfKind("RoleBinding", "its role and its subjects are there", BindsWhatIsThere),
        OfKind("ClusterRoleBinding", "its role and its subjects are there", BindsWhatIsThere),
        new("its ServiceAccount is there", static rendered => from pod in rendered.Pods() where !IsThere(rendered, "ServiceAccount", pod.Spec.Text("serviceAccountName")) select pod.Title),
        OfKind("CronJob", "every ConfigMap that it reads is there", static (one, rendered) => MapNames(one).All(name => IsThere(rendered, "ConfigMap", name))),
        OfKind("ScaledJob", "the authentication of its triggers is there", static (one, rendered) =>
            one["spec"]!["triggers"].Items().All(trigger => IsThere(rendered, "TriggerAuthentication", trigger.Text("authenticationRef", "name")))),
    ];

    public static IReadOnlyList<Rule> All { get; } =
    [
        .. References,

        Object("the labels name and component say what it is, and part-of is clustertrust", static one =>
            Label(one, "name") is { Length: > 0 } && Label(one, "component") is { Length: > 0 } && Label(one, "part-of") == "clustertrust"),
        Object("its name is a DNS name", static one => DnsName().IsMatch(one.Text("metadata", "name") ?? "")),
        Object("beta versions of its API are no longer served", static one => one.Text("apiVersion")?.Contains("beta", StringComparison.Ordinal) == false),
        Object("nothing of ours belongs in kube-system", static one => one.Text("metadata", "namespace") != "kube-system"),

        // A container runtime completes a name without a host (a dot, a port or localhost) with a public registry, where anybody may have registered it.
        Container("its image names the registry's host and a version", static container => VersionedImage().IsMatch(container.Text("image") ?? "")),

        // A command that runs on a schedule of its own has its name after the job's.
        OfKind("CronJob", "container, ServiceAccount and labels have the name of its job, and it has that name, or that name and its command", static one =>
            Label(one, "name") is { } job && (one.Text("metadata", "name") == job || one.Text("metadata", "name") == $"{job}-{ContainerOf(one)["args"]?[0].Text()}")
            && ContainerOf(one).Text("name") == job && PodOf(one).Text("spec", "serviceAccountName") == job && Label(PodOf(one), "name") == job),
        OfKind("CronJob", "its image is the job's, of the version that its labels name, or given by its digest", static one =>
            ContainerOf(one).Text("image")!.EndsWith($"/clustertrust/{Label(one, "name")}:{Label(one, "version")}", StringComparison.Ordinal)
            || ContainerOf(one).Text("image")!.Contains($"/clustertrust/{Label(one, "name")}@sha256:", StringComparison.Ordinal)),
        OfKind("CronJob", "concurrencyPolicy is Forbid", static one => one.Text("spec", "concurrencyPolicy") == "Forbid"),
        OfKind("CronJob", "deadlines, limits of the history and of retries and a time zone are set", static one =>
            Has(one["spec"], "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "timeZone")
            && Has(JobOf(one), "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")),
        OfKind("Job", "its deadline, its limit of retries and its pods' policy of restarts are set", static one =>
            Has(one["spec"], "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished") && one.Text("spec", "template", "spec", "restartPolicy") is "Never" or "OnFailure"),
        OfKind("CronJob", "its pods are not restarted, 2 and 3 fail the Job (of an Indexed Job, where that would stop the other pods, the index), and a disruption does not count", HasFailurePolicy),

        OfKind("CronJob", "its environment has what its job or a library reads, and nothing else", static (one, rendered) =>
            SettingsOf(one) is var settings && EnvironmentOf(one, rendered).All(name => settings.ContainsKey(name) || OfLibraries.Contains(name))),
        OfKind("CronJob", "a secret setting stands in no ConfigMap", static (one, rendered) =>
            SettingsOf(one).Where(static setting => setting.Value.IsSecret).All(setting => !rendered.OfKind("ConfigMap").Any(map => map["data"]?[setting.Key] is not null))),

        OfKind("NetworkPolicy", "it selects pods that are there", static (one, rendered) =>
            rendered.Pods().Any(pod => ((JsonObject)one["spec"]!["podSelector"]!["matchLabels"]!).All(label => pod.Metadata["labels"].Text(label.Key) == label.Value.Text()))),
        OfKind("NetworkPolicy", "its pods reach the cluster's DNS in kube-system and on the node, over UDP and TCP", static one => one["spec"]!["egress"].Items().Any(static rule =>
            rule["to"].Items().Any(static to => to["namespaceSelector"]?["matchLabels"].Text("kubernetes.io/metadata.name") == "kube-system")
            && rule["to"].Items().Any(static to => to["ipBlock"].Text("cidr") == "169.254.0.0/16")
            && new[] { "UDP", "TCP" }.All(protocol => rule["ports"].Items().Any(port => port.Text("protocol") == protocol && port["port"]?.GetValue<long>() == 53)))),

        OfKind("Secret", "people or operators make secrets, not manifests", static one => !one.ContainsKey("data") && !one.ContainsKey("stringData")),
        OfKind("ConfigMap", "nothing secret stands in it", static one => ((JsonObject?)one["data"] ?? []).All(static entry =>
            !(SecretName().IsMatch(entry.Key) && entry.Value.Text()?.StartsWith('/') != true) && entry.Value.Text()?.Contains("PRIVATE KEY", StringComparison.Ordinal) != true)),
        Container("no secret variable has a plain value", static container => container["env"].Items().All(static variable =>
            variable.Text("value") is null or "" || variable.Text("value")!.StartsWith('/') || !SecretName().IsMatch(variable.Text("name") ?? ""))),

        Pod("it uses none of the node's namespaces", static spec => !spec.ContainsKey("hostNetwork") && !spec.ContainsKey("hostPID") && !spec.ContainsKey("hostIPC")),
        new("it runs as a user that is not root, with seccompProfile RuntimeDefault; user and groups are numbers, or the namespace's", static rendered =>
            from pod in rendered.Pods()
            let user = pod.Spec["securityContext"]?["runAsUser"]?.GetValue<long>() ?? 0
            let own = user == 0 ? "" : $",\"runAsUser\":{user},\"runAsGroup\":{user},\"fsGroup\":{user}"
            where (user == 0) != rendered.Name.EndsWith("/openshift", StringComparison.Ordinal)
                || !JsonNode.DeepEquals(pod.Spec["securityContext"], JsonNode.Parse($$"""{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}{{own}}}"""))
            select pod.Title),
        Pod("it has a ServiceAccount of its own", static spec => spec.Text("serviceAccountName") is not (null or "" or "default")),
        Pod("it says whether the ServiceAccount's token is mounted", static spec => spec["automountServiceAccountToken"] is not null),
        Pod("its volumes are of allowed kinds", static spec => spec["volumes"].Items().All(static volume => volume.Any(static field => Volumes.Contains(field.Key)))),
        Container("it may not gain privileges, have capabilities, write to its root or override the pod's security context", static container =>
            JsonNode.DeepEquals(container["securityContext"], SecurityContext)),
        Container("it requests and limits CPU and memory", static container =>
            Has(container["resources"]?["requests"], "cpu", "memory") && Has(container["resources"]?["limits"], "cpu", "memory")),
        Container("all but an emptyDir is mounted readOnly", static (container, spec) => container["volumeMounts"].Items().All(mount =>
            IsTrue(mount["readOnly"]) || spec["volumes"].Items().FirstOrDefault(volume => volume.Text("name") == mount.Text("name"))?.ContainsKey("emptyDir") != false)),

        OfKind("ClusterSecretStore", "it is open to named namespaces, those of its users among them", static (one, rendered) =>
            SpacesOf(one) is { Length: > 0 } spaces && rendered.Objects.Where(user => StoresOf(user).Contains(one.Text("metadata", "name"))).All(user => spaces.Contains(user.Text("metadata", "namespace")))),
        OfKind("PushSecret", "an ExternalSecret makes the Secret that it pushes, from none of its destinations", static (one, rendered) =>
            SourcesOf(one, rendered) is { Length: > 0 } sources && !sources.SelectMany(StoresOf).Intersect(StoresOf(one)).Any()),
        // The operator's defaults are String, which is not encrypted, and SecretBinary, which clients that read SecretString do not see.
        OfKind("PushSecret", "a parameter in AWS is a SecureString, and a secret is text", static one => one["spec"]!["data"].Items().All(entry =>
            (!StoresOf(one).Contains("aws-parameter-store") || entry["metadata"].Text("spec", "secretType") == "SecureString")
            && (!StoresOf(one).Contains("aws-secrets-manager") || entry["metadata"].Text("spec", "secretPushFormat") == "string"))),
        Object("refreshInterval is a duration", static one => one.Text("spec", "refreshInterval") is not { } interval || Duration().IsMatch(interval)),
        OfKind("ScaledJob", "its triggers are Azure queues", static one => one["spec"]!["triggers"].Items().All(static trigger =>
            trigger.Text("type") == "azure-queue" && trigger["metadata"] is JsonObject metadata
            && metadata.All(static entry => entry.Key is "accountName" or "queueName" or "queueLength" or "queueLengthStrategy")
            && metadata.Text("accountName") is not null && metadata.Text("queueName") is not null && metadata.Text("queueLengthStrategy") is null or "all" or "visibleonly")),
        OfKind("ClusterSecretStore", "workloadIdentityFederation has an audience and a ServiceAccount, whose token is for it", static one =>
            one["spec"]!["provider"]!["gcpsm"]?["auth"]?["workloadIdentityFederation"] is not JsonObject google
            || (google.All(static entry => entry.Key is "audience" or "serviceAccountRef") && google["serviceAccountRef"].Text("name") is not null && google["serviceAccountRef"].Texts("audiences").Contains(google.Text("audience")!))),
    ];

    private static string? Label(JsonNode one, string name) => one["metadata"]?["labels"].Text(Prefix + name);

    private static JsonNode JobOf(JsonObject cronJob) => cronJob["spec"]!["jobTemplate"]!["spec"]!;

    private static JsonNode PodOf(JsonObject cronJob) => JobOf(cronJob)["template"]!;

    private static JsonNode ContainerOf(JsonObject cronJob) => PodOf(cronJob)["spec"]!["containers"]![0]!;

    private static bool Has(JsonNode? node, params string[] names) => names.All(name => node?[name] is not null);

    private static bool IsTrue(JsonNode? node) => node?.GetValue<bool>() == true;

    private static bool IsThere(Rendered rendered, string? kind, string? name) => rendered.Objects.Any(one => one.Text("kind") == kind && one.Text("metadata", "name") == name);

    private static bool BindsWhatIsThere(JsonObject binding, Rendered rendered) =>
        binding["subjects"].Items().Any() && IsThere(rendered, binding.Text("roleRef", "kind"), binding.Text("roleRef", "name"))
        && binding["subjects"].Items().All(subject => rendered.OfKind("ServiceAccount").Any(one =>
            one.Text("metadata", "name") == subject.Text("name") && one.Text("metadata", "namespace") == subject.Text("namespace")));

    private static bool HasFailurePolicy(JsonObject cronJob)
    {
        var action = JobOf(cronJob).Text("completionMode") == "Indexed" ? "FailIndex" : "FailJob";
        var rules = JobOf(cronJob)["podFailurePolicy"]?["rules"].Items().ToArray() ?? [];
        return PodOf(cronJob).Text("spec", "restartPolicy") == "Never"
            && rules.Any(static rule => rule.Text("action") == "Ignore" && rule["onPodConditions"]?[0].Text("type") == "DisruptionTarget")
            && rules.Any(rule => rule.Text("action") == action
                && rule["onExitCodes"].Text("containerName") == ContainerOf(cronJob).Text("name")
                && rule["onExitCodes"]!["values"]!.AsArray().Select(static code => code!.GetValue<long>()).SequenceEqual([2L, 3L]));
    }

    /// <summary>Every setting of a CronJob's job, by the name of its environment variable.</summary>
    private static Dictionary<string, Setting> SettingsOf(JsonObject cronJob)
    {
        var application = Label(cronJob, "name") == "oidc" ? OidcCommands.Application : CertSyncCommands.Application;
        return application.AllSettings().ToDictionary(setting => setting.EnvironmentName(application.EnvironmentPrefix));
    }

    private static string[] MapNames(JsonObject cronJob) => [.. ContainerOf(cronJob)["envFrom"].Items().Select(static source => source.Text("configMapRef", "name")!)];

    private static IEnumerable<JsonObject> Maps(Rendered rendered, string[] names) => rendered.OfKind("ConfigMap").Where(map => names.Contains(map.Text("metadata", "name")));

    private static IEnumerable<string> EnvironmentOf(JsonObject cronJob, Rendered rendered) => Maps(rendered, MapNames(cronJob))
        .SelectMany(static map => (JsonObject)map["data"]!).Select(static entry => entry.Key)
        .Concat(ContainerOf(cronJob)["env"].Items().Select(static variable => variable.Text("name")!));

    /// <summary>The namespaces that a store's conditions name.</summary>
    private static string[] SpacesOf(JsonObject store) =>
    [
        .. store["spec"]!["conditions"].Items().SelectMany(static one => one["namespaceSelector"]?["matchExpressions"].Items() ?? [])
            .Where(static one => one.Text("key") == "kubernetes.io/metadata.name" && one.Text("operator") == "In").SelectMany(static one => one.Texts("values")),
    ];

    /// <summary>The stores that an object reads or writes.</summary>
    private static IEnumerable<string?> StoresOf(JsonObject user) =>
        (user["spec"]?["secretStoreRefs"]).Items().Append(user["spec"]?["secretStoreRef"] as JsonObject).OfType<JsonObject>().Select(static store => store.Text("name"));

    /// <summary>The ExternalSecrets that create the Secret that an object pushes.</summary>
    private static JsonObject[] SourcesOf(JsonObject push, Rendered rendered) =>
    [
        .. rendered.OfKind("ExternalSecret").Where(pull => pull.Text("spec", "target", "name") == push.Text("spec", "selector", "secret", "name")
            && pull.Text("metadata", "namespace") == push.Text("metadata", "namespace")),
    ];

    [GeneratedRegex("^([0-9]+(h|m|s))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex DnsName();

    [GeneratedRegex("^(localhost|[a-z0-9-]+[.:][a-z0-9.:-]+)(/[a-z0-9._-]+)+(:v?[0-9]+\\.[0-9][A-Za-z0-9.-]*|@sha256:[0-9a-f]{64})$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionedImage();

    [GeneratedRegex("(SECRET|PASSWORD|PASSPHRASE|TOKEN)$", RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();
}
