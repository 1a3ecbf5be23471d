using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

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
/// <param name="Namespace">A ServiceAccount's namespace; empty otherwise.</param>
public sealed record Subject(string Kind, string Name, string Namespace = "")
{
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
