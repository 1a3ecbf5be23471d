using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClusterTrust.Manifests.Tests.Rendering;

namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>Names, labels, images, secrets, and the faults of others that are not to come back.</summary>
internal static partial class ConventionRules
{
    private const string Prefix = "app.kubernetes.io/";

    /// <summary>Every object says what it is and what it belongs to; the jobs' also of which version.</summary>
    public static IEnumerable<string> LabelFaults(Rendered rendered)
    {
        foreach (var one in rendered.Objects)
        {
            var labels = one["metadata"]?["labels"];
            foreach (var label in new[] { "name", "component", "part-of" }.Where(label => string.IsNullOrEmpty(labels.Text(Prefix + label))))
            {
                yield return $"{Rendered.Title(one)}: the label {Prefix}{label} is missing";
            }

            if (labels.Text(Prefix + "part-of") is { } whole && whole != "clustertrust")
            {
                yield return $"{Rendered.Title(one)}: {Prefix}part-of is {whole}";
            }

            if (!DnsName().IsMatch(one.Text("metadata", "name") ?? ""))
            {
                yield return $"{Rendered.Title(one)}: its name is no DNS name";
            }
        }

        foreach (var job in rendered.OfKind("CronJob"))
        {
            // A command that runs on a schedule of its own has its name after the job's.
            var name = job["metadata"]!["labels"].Text(Prefix + "name");
            var pod = job["spec"]!["jobTemplate"]!["spec"]!["template"]!;
            var container = pod["spec"]!["containers"]![0]!;
            var version = job["metadata"]!["labels"].Text(Prefix + "version");
            if (container.Text("name") != name || pod["spec"].Text("serviceAccountName") != name || pod["metadata"]?["labels"].Text(Prefix + "name") != name
                || !IsOfJob(job.Text("metadata", "name"), name, container["args"]?.AsArray() is [{ } command, ..] ? command.GetValue<string>() : ""))
            {
                yield return $"CronJob {name}: container, ServiceAccount and labels must have its job's name, and it that name, or that name and its command";
            }

            var image = container.Text("image")!;
            if (!image.EndsWith($"/clustertrust/{name}:{version}", StringComparison.Ordinal) && !image.Contains($"/clustertrust/{name}@sha256:", StringComparison.Ordinal))
            {
                yield return $"CronJob {name}: the image {image} is neither of version {version} nor given by its digest";
            }
        }
    }

    private static bool IsOfJob(string? cronJob, string? job, string command) => job is not null && (cronJob == job || cronJob == $"{job}-{command}");

    /// <summary>
    /// Images have a version, and name their registry's host: a container runtime completes an unqualified name with a public registry,
    /// where anybody may have registered it.
    /// </summary>
    public static IEnumerable<string> ImageFaults(Rendered rendered) =>
        from pod in rendered.Pods()
        from list in new[] { "initContainers", "containers", "ephemeralContainers" }
        from container in pod.Spec[list]?.AsArray() ?? []
        let image = container.Text("image") ?? ""
        let fault = !VersionedImage().IsMatch(image) ? "has no version" : !HasHost(image) ? "names no registry host" : null
        where fault is not null
        select $"{pod.Title}: the image {image} {fault}";

    // As container runtimes tell a host from a path: it has a dot or a port, or is localhost.
    private static bool HasHost(string image) =>
        image.IndexOf('/', StringComparison.Ordinal) is > 0 and var end && image[..end] is var host && (host == "localhost" || host.AsSpan().ContainsAny('.', ':'));

    /// <summary>Nothing secret lies in the repository.</summary>
    public static IEnumerable<string> SecretFaults(Rendered rendered)
    {
        foreach (var one in rendered.OfKind("Secret").Where(static one => one.ContainsKey("data") || one.ContainsKey("stringData")))
        {
            yield return $"{Rendered.Title(one)}: secrets are made by people or operators, not by manifests";
        }

        foreach (var (title, _, spec) in rendered.Pods())
        {
            foreach (var variable in spec["containers"]!.AsArray().SelectMany(static container => container!["env"]?.AsArray() ?? []))
            {
                if (variable.Text("value") is { Length: > 0 } && SecretName().IsMatch(variable.Text("name") ?? "") && !variable.Text("value")!.StartsWith('/'))
                {
                    yield return $"{title}: the variable {variable.Text("name")} has a plain value";
                }
            }
        }

        foreach (var map in rendered.OfKind("ConfigMap"))
        {
            foreach (var (key, value) in map["data"] as JsonObject ?? [])
            {
                if ((SecretName().IsMatch(key) && value?.GetValue<string>().StartsWith('/') != true) || value?.ToString().Contains("PRIVATE KEY", StringComparison.Ordinal) == true)
                {
                    yield return $"{Rendered.Title(map)}: {key} belongs into a Secret";
                }
            }
        }
    }

    /// <summary>Faults of the documents that this came from.</summary>
    public static IEnumerable<string> KnownFaults(Rendered rendered)
    {
        foreach (var one in rendered.Objects)
        {
            if (one.Text("apiVersion") == "external-secrets.io/v1beta1")
            {
                yield return $"{Rendered.Title(one)}: external-secrets.io/v1beta1 is no longer served";
            }

            if (one.Text("metadata", "namespace") == "kube-system")
            {
                yield return $"{Rendered.Title(one)}: nothing of ours belongs into kube-system";
            }
        }

        foreach (var store in rendered.OfKind("ClusterSecretStore"))
        {
            var name = store.Text("metadata", "name");
            string[] spaces =
            [
                .. (store["spec"]!["conditions"]?.AsArray() ?? []).SelectMany(static one => one!["namespaceSelector"]?["matchExpressions"]?.AsArray() ?? [])
                    .Where(static one => one.Text("key") == "kubernetes.io/metadata.name" && one.Text("operator") == "In").SelectMany(static one => one.Texts("values")),
            ];
            if (spaces.Length == 0)
            {
                yield return $"{Rendered.Title(store)}: without conditions every namespace may use it";
            }

            foreach (var user in rendered.Objects.Where(one => one.Text("spec", "secretStoreRef", "name") == name
                || (one["spec"]?["secretStoreRefs"]?.AsArray() ?? []).Any(reference => reference.Text("name") == name)))
            {
                if (!spaces.Contains(user.Text("metadata", "namespace")))
                {
                    yield return $"{Rendered.Title(user)}: {name} is closed to its namespace";
                }
            }
        }

        foreach (var push in rendered.OfKind("PushSecret"))
        {
            var source = push.Text("spec", "selector", "secret", "name");
            if (!rendered.OfKind("ExternalSecret").Any(pull => pull.Text("spec", "target", "name") == source
                && pull.Text("metadata", "namespace") == push.Text("metadata", "namespace")))
            {
                yield return $"{Rendered.Title(push)}: no ExternalSecret makes the Secret {source} that it pushes";
            }

            var stores = push["spec"]!["secretStoreRefs"]!.AsArray().Select(static store => store.Text("name")).ToArray();
            var sources = rendered.OfKind("ExternalSecret")
                .Where(pull => pull.Text("spec", "target", "name") == source && pull.Text("metadata", "namespace") == push.Text("metadata", "namespace"))
                .Select(static pull => pull.Text("spec", "secretStoreRef", "name"));
            foreach (var store in sources.Where(stores.Contains))
            {
                yield return $"{Rendered.Title(push)}: {store} is a destination and the source at once";
            }
        }
    }

    /// <summary>What the operators' types leave open: durations, a trigger's metadata, and fields that are newer than the types.</summary>
    public static IEnumerable<string> OperatorFaults(Rendered rendered)
    {
        foreach (var one in rendered.OfKind("ExternalSecret").Concat(rendered.OfKind("PushSecret")))
        {
            if (one.Text("spec", "refreshInterval") is { } interval && !Duration().IsMatch(interval))
            {
                yield return $"{Rendered.Title(one)}: refreshInterval {interval} is no duration";
            }
        }

        foreach (var trigger in rendered.OfKind("ScaledJob").SelectMany(static one => one["spec"]!["triggers"]!.AsArray()))
        {
            var metadata = trigger!["metadata"]!.AsObject();
            if (trigger.Text("type") != "azure-queue" || metadata.Any(static entry => entry.Key is not ("accountName" or "queueName" or "queueLength" or "queueLengthStrategy"))
                || metadata.Text("accountName") is null || metadata.Text("queueName") is null || metadata.Text("queueLengthStrategy") is not (null or "all" or "visibleonly"))
            {
                yield return $"the trigger {trigger.ToJsonString()} is none of an Azure queue";
            }
        }

        foreach (var google in rendered.OfKind("ClusterSecretStore").Select(static one => one["spec"]!["provider"]!["gcpsm"]?["auth"]?["workloadIdentityFederation"]?.AsObject()))
        {
            if (google is not null && (google.Any(static entry => entry.Key is not ("audience" or "serviceAccountRef")) || google["serviceAccountRef"].Text("name") is null))
            {
                yield return $"workloadIdentityFederation {google.ToJsonString()} is not of this form";
            }
        }
    }

    /// <summary>What every CronJob has to say.</summary>
    public static IEnumerable<string> CronJobFaults(Rendered rendered)
    {
        foreach (var one in rendered.OfKind("CronJob"))
        {
            var spec = one["spec"]!;
            var job = spec["jobTemplate"]!["spec"]!;
            if (spec.Text("concurrencyPolicy") != "Forbid")
            {
                yield return $"{Rendered.Title(one)}: concurrencyPolicy must be Forbid";
            }

            foreach (var name in new[] { "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "timeZone" }.Where(name => spec[name] is null))
            {
                yield return $"{Rendered.Title(one)}: {name} is missing";
            }

            foreach (var name in new[] { "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished" }.Where(name => job[name] is null))
            {
                yield return $"{Rendered.Title(one)}: {name} is missing";
            }

            var pod = job["template"]!["spec"]!;
            // Of an Indexed Job, FailJob would stop the other pods.
            var action = job.Text("completionMode") == "Indexed" ? "FailIndex" : "FailJob";
            var rules = job["podFailurePolicy"]?["rules"]?.AsArray() ?? [];
            if (pod.Text("restartPolicy") != "Never"
                || !rules.Any(static rule => rule.Text("action") == "Ignore" && rule!["onPodConditions"]?[0].Text("type") == "DisruptionTarget")
                || !rules.Any(rule => rule.Text("action") == action
                    && rule!["onExitCodes"].Text("containerName") == pod["containers"]![0].Text("name")
                    && rule["onExitCodes"]!["values"]!.AsArray().Select(static code => code!.GetValue<long>()).SequenceEqual([2L, 3L])))
            {
                yield return $"{Rendered.Title(one)}: podFailurePolicy must {action} for 2 and 3 and ignore DisruptionTarget";
            }
        }
    }

    [GeneratedRegex("^([0-9]+(h|m|s))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex DnsName();

    [GeneratedRegex("^[a-z0-9./_-]+(:[0-9]+/[a-z0-9./_-]+)?(:v?[0-9]+\\.[0-9][A-Za-z0-9.-]*|@sha256:[0-9a-f]{64})$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionedImage();

    [GeneratedRegex("(SECRET|PASSWORD|PASSPHRASE|TOKEN)$", RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();
}
