namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>One kind of object the API server stores.</summary>
/// <param name="Plural">Name in paths and RBAC rules, such as <c>secrets</c>.</param>
public sealed record ResourceType(string Group, string Plural, string Kind, bool Namespaced = true)
{
    /// <summary>The only version served of every group.</summary>
    public const string Version = "v1";

    internal const string RbacGroup = "rbac.authorization.k8s.io";

    public static readonly ResourceType Namespaces = new("", "namespaces", "Namespace", Namespaced: false);
    public static readonly ResourceType Secrets = new("", "secrets", "Secret") { SelectableFields = ["type"] };
    public static readonly ResourceType ServiceAccounts = new("", "serviceaccounts", "ServiceAccount");
    public static readonly ResourceType ConfigMaps = new("", "configmaps", "ConfigMap");
    public static readonly ResourceType Leases = new("coordination.k8s.io", "leases", "Lease");
    public static readonly ResourceType EndpointSlices = new("discovery.k8s.io", "endpointslices", "EndpointSlice");

    public static readonly ResourceType Events = new("events.k8s.io", "events", "Event")
    {
        SelectableFields = ["reason", "type", "reportingController", "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid"],
    };

    public static readonly ResourceType Roles = new(RbacGroup, "roles", "Role");
    public static readonly ResourceType RoleBindings = new(RbacGroup, "rolebindings", "RoleBinding");
    public static readonly ResourceType ClusterRoles = new(RbacGroup, "clusterroles", "ClusterRole", Namespaced: false);
    public static readonly ResourceType ClusterRoleBindings = new(RbacGroup, "clusterrolebindings", "ClusterRoleBinding", Namespaced: false);

    public static readonly ResourceType CronJobs = new("batch", "cronjobs", "CronJob");
    public static readonly ResourceType Jobs = new("batch", "jobs", "Job");
    public static readonly ResourceType NetworkPolicies = new("networking.k8s.io", "networkpolicies", "NetworkPolicy");

    /// <summary>The one custom resource: kubectl lists and annotates it for the component that refreshes it.</summary>
    public static readonly ResourceType ExternalSecrets = new("external-secrets.io", "externalsecrets", "ExternalSecret");

    /// <summary>Every kind the server stores. No controller acts on them: nothing runs the pods of a Job but a test.</summary>
    public static readonly IReadOnlyList<ResourceType> All =
    [
        Namespaces, Secrets, ServiceAccounts, ConfigMaps, Leases, EndpointSlices, Events, Roles, RoleBindings, ClusterRoles, ClusterRoleBindings,
        CronJobs, Jobs, NetworkPolicies, ExternalSecrets,
    ];

    /// <summary>Fields besides <c>metadata.name</c> and <c>metadata.namespace</c> that a field selector may name.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>What bodies carry: <c>v1</c> or <c>coordination.k8s.io/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Where its group and version are served: <c>api/v1</c> or <c>apis/coordination.k8s.io/v1</c>.</summary>
    public string Place => Group.Length == 0 ? $"api/{Version}" : $"apis/{ApiVersion}";

    /// <summary>What messages name: <c>secrets</c> or <c>leases.coordination.k8s.io</c>.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>The path of the objects in a namespace, or of all when they are cluster-scoped.</summary>
    public string Path(string space) => Namespaced ? $"/{Place}/namespaces/{space}/{Plural}" : $"/{Place}/{Plural}";

    public static ResourceType? Find(string group, string plural) =>
        All.FirstOrDefault(type => type.Group == group && type.Plural == plural);

    public static ResourceType? OfBody(string? apiVersion, string? kind) =>
        All.FirstOrDefault(type => type.ApiVersion == apiVersion && type.Kind == kind);

    /// <summary>The sort key within the type, as etcd orders it: <c>namespace/name</c>, or the name alone when cluster-scoped.</summary>
    public string Key(string? space, string name) => Namespaced ? $"{space}/{name}" : name;
}
