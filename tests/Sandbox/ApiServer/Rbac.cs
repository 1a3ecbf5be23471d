using System.Globalization;
using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Authorization by the Role, ClusterRole and binding objects that the cluster stores. Nothing else grants anything.</summary>
public sealed class Rbac
{
    private static readonly ResourceType[] Types =
        [ResourceType.Roles, ResourceType.ClusterRoles, ResourceType.RoleBindings, ResourceType.ClusterRoleBindings];

    private readonly ClusterState state;
    private readonly Lock gate = new();
    private StoredObject[][] seen = [];
    private IReadOnlyList<RoleBindingRules> bindings = [];
    private int granted;

    /// <param name="state">Stores the roles and bindings; the defaults of a new cluster are added.</param>
    public Rbac(ClusterState state)
    {
        this.state = state;
        RbacDefaults.AddTo(this);
    }

    /// <summary>Stores the roles and bindings of a manifest: one object, an array or a <c>List</c>. Other kinds are passed over.</summary>
    /// <returns>How many were stored.</returns>
    public int Load(JsonNode? manifest) => manifest switch
    {
        JsonArray many => many.Sum(Load),
        JsonObject list when list["items"] is JsonArray items => items.Sum(Load),
        JsonObject body when ResourceType.OfBody(body.Text("apiVersion"), body.Text("kind")) is { } type && Types.Contains(type) => state.Put(type, body) is null ? 0 : 1,
        _ => 0,
    };

    /// <summary>Grants rules through a role and binding of their own.</summary>
    /// <param name="subject">To whom.</param>
    /// <param name="space">The namespace they hold in; null for the whole cluster.</param>
    /// <param name="rules">What.</param>
    public void Grant(Subject subject, string? space, params PolicyRule[] rules) =>
        Grant($"grant-{Interlocked.Increment(ref granted).ToString(CultureInfo.InvariantCulture)}", space, [subject], rules);

    /// <summary>Why a request is allowed, in the API server's words; null when no rule allows it.</summary>
    public string? Allows(UserInfo user, AccessRequest request)
    {
        foreach (var binding in Current())
        {
            if (binding.Allows(user, request) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    internal void Grant(string name, string? space, IEnumerable<Subject> subjects, IEnumerable<PolicyRule> rules)
    {
        var (role, binding) = space is null
            ? (ResourceType.ClusterRoles, ResourceType.ClusterRoleBindings)
            : (ResourceType.Roles, ResourceType.RoleBindings);
        JsonObject Metadata() => new() { ["name"] = name, ["namespace"] = space };
        state.Put(role, new JsonObject { ["metadata"] = Metadata(), ["rules"] = new JsonArray([.. rules.Select(static rule => rule.ToJson())]) });
        state.Put(binding, new JsonObject
        {
            ["metadata"] = Metadata(),
            ["roleRef"] = new JsonObject { ["apiGroup"] = role.Group, ["kind"] = role.Kind, ["name"] = name },
            ["subjects"] = new JsonArray([.. subjects.Select(static subject => subject.ToJson())]),
        });
    }

    private IReadOnlyList<RoleBindingRules> Current()
    {
        StoredObject[][] now = [.. Types.Select(type => state.Snapshot(type).Objects)];
        lock (gate)
        {
            // Snapshots are the same arrays until something is written, so rules are resolved once a change.
            if (!now.AsSpan().SequenceEqual(seen, ReferenceEqualityComparer.Instance))
            {
                bindings = [.. now[3].Concat(now[2]).Select(binding => RoleBindingRules.Resolve(state, binding))];
                seen = now;
            }

            return bindings;
        }
    }
}

/// <summary>One RBAC rule; <c>*</c> stands for everything.</summary>
/// <param name="Verbs">get, list, create, …</param>
/// <param name="ApiGroups">API groups; empty string for the core group.</param>
/// <param name="Resources">Plural names, with a subresource after a slash.</param>
/// <param name="ResourceNames">Empty for every name.</param>
/// <param name="NonResourceUrls">Paths; a trailing <c>*</c> stands for the rest.</param>
public sealed record PolicyRule(
    IReadOnlyList<string> Verbs,
    IReadOnlyList<string> ApiGroups,
    IReadOnlyList<string> Resources,
    IReadOnlyList<string> ResourceNames,
    IReadOnlyList<string> NonResourceUrls)
{
    /// <summary>A rule for resources of one API group.</summary>
    public static PolicyRule For(string group, string resource, params string[] verbs) => new(verbs, [group], [resource], [], []);

    /// <summary>A rule for paths that are no resource.</summary>
    public static PolicyRule ForPaths(string[] paths, params string[] verbs) => new(verbs, [], [], [], paths);

    public static PolicyRule Parse(JsonNode? rule) =>
        new(rule.Texts("verbs"), rule.Texts("apiGroups"), rule.Texts("resources"), rule.Texts("resourceNames"), rule.Texts("nonResourceURLs"));

    /// <summary>The rule for these names only.</summary>
    public PolicyRule Named(params string[] names) => this with { ResourceNames = names };

    public bool Allows(AccessRequest request) => Has(Verbs, request.Verb) && (request.IsResource ? AllowsResource(request) : NonResourceUrls.Any(url => Covers(url, request.Path)));

    public JsonObject ToJson()
    {
        var rule = new JsonObject();
        Add("verbs", Verbs);
        Add("apiGroups", ApiGroups);
        Add("resources", Resources);
        Add("resourceNames", ResourceNames);
        Add("nonResourceURLs", NonResourceUrls);
        return rule;

        void Add(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                rule[name] = JsonText.Array(values);
            }
        }
    }

    private static bool Has(IReadOnlyList<string> values, string value) => values.Contains("*") || values.Contains(value);

    private static bool Covers(string url, string path) =>
        url == path || (url.EndsWith('*') && path.StartsWith(url[..^1], StringComparison.Ordinal));

    private bool AllowsResource(AccessRequest request) =>
        Has(ApiGroups, request.Group)
        && (Has(Resources, request.QualifiedResource) || (request.Subresource.Length > 0 && Resources.Contains($"*/{request.Subresource}")))
        && (ResourceNames.Count == 0 || ResourceNames.Contains(request.Name));
}

/// <summary>Whom a binding grants a role to.</summary>
/// <param name="Kind">User, Group or ServiceAccount.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">A ServiceAccount's namespace; empty otherwise.</param>
public sealed record Subject(string Kind, string Name, string Namespace = "")
{
    public static Subject User(string name) => new("User", name);

    public static Subject Group(string name) => new("Group", name);

    public static Subject ServiceAccount(string space, string name) => new("ServiceAccount", name, space);

    public static Subject Parse(JsonNode? subject) =>
        new(subject.Text("kind") ?? "", subject.Text("name") ?? "", subject.Text("namespace") ?? "");

    public bool Is(UserInfo user) => Kind switch
    {
        "User" => user.Name == Name,
        "Group" => user.Groups.Contains(Name),
        "ServiceAccount" => user.Name == $"system:serviceaccount:{Namespace}:{Name}",
        _ => false,
    };

    public JsonObject ToJson()
    {
        var subject = new JsonObject { ["kind"] = Kind, ["name"] = Name };
        subject[Kind == "ServiceAccount" ? "namespace" : "apiGroup"] = Kind == "ServiceAccount" ? Namespace : "rbac.authorization.k8s.io";
        return subject;
    }

    /// <summary>As the API server's reasons name it.</summary>
    public override string ToString() => Kind == "ServiceAccount" ? $"{Kind} \"{Name}/{Namespace}\"" : $"{Kind} \"{Name}\"";
}

/// <summary>The roles and bindings that every cluster has and the sandbox's clients need.</summary>
internal static class RbacDefaults
{
    private static readonly Subject Authenticated = Subject.Group("system:authenticated");
    private static readonly Subject Unauthenticated = Subject.Group("system:unauthenticated");

    public static void AddTo(Rbac rbac)
    {
        rbac.Grant("cluster-admin", null, [Subject.Group("system:masters")], [PolicyRule.For("*", "*", "*"), PolicyRule.ForPaths(["*"], "*")]);
        rbac.Grant(
            "system:discovery",
            null,
            [Authenticated],
            [PolicyRule.ForPaths(["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"], "get")]);
        rbac.Grant(
            "system:public-info-viewer",
            null,
            [Authenticated, Unauthenticated],
            [PolicyRule.ForPaths(["/healthz", "/livez", "/readyz", "/version", "/version/"], "get")]);
        rbac.Grant(
            "system:basic-user",
            null,
            [Authenticated],
            [
                PolicyRule.For("authorization.k8s.io", "selfsubjectaccessreviews", "create"),
                PolicyRule.For("authorization.k8s.io", "selfsubjectrulesreviews", "create"),
                PolicyRule.For("authentication.k8s.io", "selfsubjectreviews", "create"),
            ]);
        rbac.Grant(
            "system:service-account-issuer-discovery",
            null,
            [Subject.Group("system:serviceaccounts")],
            [
                PolicyRule.ForPaths(
                    [IssuerEndpoint.DiscoveryPath, IssuerEndpoint.DiscoveryPath + "/", IssuerEndpoint.JwksPath, IssuerEndpoint.JwksPath + "/"],
                    "get"),
            ]);
    }
}
