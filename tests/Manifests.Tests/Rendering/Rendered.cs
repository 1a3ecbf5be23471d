namespace ClusterTrust.Manifests.Tests.Rendering;

/// <summary>The objects that kustomize builds from one folder.</summary>
internal sealed record Rendered(string Name, IReadOnlyList<JsonObject> Objects)
{
    private static readonly string[] RbacKinds = ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];

    public IReadOnlyList<JsonObject> Rbac => [.. Objects.Where(static one => RbacKinds.Contains(one.Text("kind")))];

    public IEnumerable<JsonObject> OfKind(string kind) => Objects.Where(one => one.Text("kind") == kind);

    public JsonObject One(string kind, string name) => OfKind(kind).Single(one => one.Text("metadata", "name") == name);

    /// <summary>One of the objects of a job, whatever prefix its name has; not a CronJob of another command.</summary>
    public JsonObject OfJob(string kind, string job) => OfKind(kind).Single(one =>
        one["metadata"]!["labels"].Text("app.kubernetes.io/name") == job && (kind != "CronJob" || one.Text("metadata", "name")!.EndsWith(job, StringComparison.Ordinal)));

    /// <summary>Every pod that is created from these objects: its title, its labels and its spec.</summary>
    public IEnumerable<(string Title, JsonObject Metadata, JsonObject Spec)> Pods() =>
        from one in Objects
        let template = one.Text("kind") switch
        {
            "CronJob" => one["spec"]?["jobTemplate"]?["spec"]?["template"],
            "Job" or "Deployment" or "StatefulSet" or "DaemonSet" => one["spec"]?["template"],
            "ScaledJob" => one["spec"]?["jobTargetRef"]?["template"],
            "Pod" => one,
            _ => null,
        }
        where template is not null
        select (Title(one), template["metadata"] as JsonObject ?? [], (JsonObject)template["spec"]!);

    /// <summary>How a fault names an object.</summary>
    public static string Title(JsonObject one) => $"{one.Text("kind")} {one.Text("metadata", "name")}";
}
