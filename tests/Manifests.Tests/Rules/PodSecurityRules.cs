using System.Text.Json.Nodes;
using ClusterTrust.Manifests.Tests.Rendering;

namespace ClusterTrust.Manifests.Tests.Rules;

/// <summary>
/// Pods must pass Pod Security <i>restricted</i>, and more: read-only root, limits, a ServiceAccount of their own, a numeric user. For
/// OpenShift, whose SCC <i>restricted-v2</i> assigns user and groups from the namespace's range, none may be fixed instead.
/// </summary>
internal static class PodSecurityRules
{
    private static readonly string[] Volumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static IEnumerable<string> Faults(Rendered rendered) =>
        rendered.Pods().SelectMany(pod => FaultsOf(pod.Spec, isOpenShift: rendered.Name.EndsWith("/openshift", StringComparison.Ordinal)).Select(fault => $"{pod.Title}: {fault}"));

    private static IEnumerable<string> FaultsOf(JsonObject spec, bool isOpenShift)
    {
        foreach (var name in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(spec.ContainsKey))
        {
            yield return $"{name} is set";
        }

        var security = spec["securityContext"];
        if (security?["runAsNonRoot"]?.GetValue<bool>() != true || (!isOpenShift && (security["runAsUser"]?.GetValue<long>() ?? 0) == 0))
        {
            yield return "runAsNonRoot or runAsUser is missing";
        }

        foreach (var name in new[] { "runAsUser", "runAsGroup", "fsGroup", "supplementalGroups" }.Where(name => isOpenShift && security?[name] is not null))
        {
            yield return $"{name} is fixed";
        }

        if (security.Text("seccompProfile", "type") != "RuntimeDefault")
        {
            yield return "seccompProfile is not RuntimeDefault";
        }

        if (spec.Text("serviceAccountName") is null or "" or "default")
        {
            yield return "the default ServiceAccount is used";
        }

        if (spec["automountServiceAccountToken"] is null)
        {
            yield return "it does not say whether the ServiceAccount's token is mounted";
        }

        foreach (var volume in Items(spec["volumes"]).Where(static volume => !volume.Any(field => Volumes.Contains(field.Key))))
        {
            yield return $"the volume {volume.Text("name")} is of a kind that is not allowed";
        }

        foreach (var container in Items(spec["initContainers"]).Concat(Items(spec["containers"])))
        {
            foreach (var fault in ContainerFaults(container, [.. Items(spec["volumes"])]))
            {
                yield return $"container {container.Text("name")}: {fault}";
            }
        }
    }

    private static IEnumerable<string> ContainerFaults(JsonObject container, JsonObject[] volumes)
    {
        var security = container["securityContext"];
        if (security?["allowPrivilegeEscalation"]?.GetValue<bool>() != false || security["readOnlyRootFilesystem"]?.GetValue<bool>() != true)
        {
            yield return "allowPrivilegeEscalation must be false and readOnlyRootFilesystem true";
        }

        if (security?["privileged"] is not null || security?["runAsUser"] is not null || security?["runAsNonRoot"] is not null)
        {
            yield return "it overrides the pod's security context";
        }

        if (security?["capabilities"] is not JsonObject capabilities || !capabilities.Texts("drop").Contains("ALL") || capabilities.ContainsKey("add"))
        {
            yield return "capabilities must drop ALL and add none";
        }

        foreach (var path in new[] { "requests/cpu", "requests/memory", "limits/cpu", "limits/memory" }
            .Where(path => container["resources"]?[path.Split('/')[0]]?[path.Split('/')[1]] is null))
        {
            yield return $"resources/{path} is missing";
        }

        foreach (var mount in Items(container["volumeMounts"]))
        {
            var volume = volumes.FirstOrDefault(volume => volume.Text("name") == mount.Text("name"));
            var isWritable = mount["readOnly"]?.GetValue<bool>() != true;
            if (volume is not null && isWritable && !volume.ContainsKey("emptyDir"))
            {
                yield return $"{mount.Text("mountPath")} must be mounted readOnly";
            }
        }
    }

    private static IEnumerable<JsonObject> Items(JsonNode? list) => list?.AsArray().OfType<JsonObject>() ?? [];
}
