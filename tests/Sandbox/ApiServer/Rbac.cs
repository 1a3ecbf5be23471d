namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Authorization by the Role, ClusterRole and binding objects that the cluster stores. Nothing else grants anything.</summary>
public sealed class Rbac
{
    private static readonly ResourceType[] Types =
        [ResourceType.Roles, ResourceType.ClusterRoles, ResourceType.RoleBindings, ResourceType.ClusterRoleBindings];

    private readonly ClusterState _state;
    private readonly Lock _gate = new();
    private ImmutableSortedDictionary<string, StoredObject>[] _seen = [];
    private IReadOnlyList<RoleBindingRules> _bindings = [];
    private int _granted;

    public Rbac(ClusterState state)
    {
        this._state = state;
        var (authenticated, unauthenticated) = (Subject.Group("system:authenticated"), Subject.Group("system:unauthenticated"));
        string[] health = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
        string[] documents = [IssuerEndpoint.DiscoveryPath, IssuerEndpoint.DiscoveryPath + "/", IssuerEndpoint.JwksPath, IssuerEndpoint.JwksPath + "/"];
        Grant("cluster-admin", null, [Subject.Group("system:masters")], [PolicyRule.For("*", "*", "*"), PolicyRule.ForPaths(["*"], "*")]);
        Grant("system:discovery", null, [authenticated], [PolicyRule.ForPaths(["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", .. health], "get")]);
        Grant("system:public-info-viewer", null, [authenticated, unauthenticated], [PolicyRule.ForPaths(health, "get")]);
        Grant("system:basic-user", null, [authenticated], [PolicyRule.For("authorization.k8s.io", "selfsubjectaccessreviews", "create")]);
        Grant("system:service-account-issuer-discovery", null, [Subject.Group("system:serviceaccounts")], [PolicyRule.ForPaths(documents, "get")]);
    }

    /// <summary>Stores the roles and bindings of a manifest: one object, an array or a <c>List</c>. Other kinds are passed over.</summary>
    public int Load(JsonNode? manifest) => manifest switch
    {
        JsonArray many => many.Sum(Load),
        JsonObject list when list["items"] is JsonArray items => items.Sum(Load),
        JsonObject body when ResourceType.OfBody(body.Text("apiVersion"), body.Text("kind")) is { } type && Types.Contains(type) => _state.Put(type, body) is null ? 0 : 1,
        _ => 0,
    };

    /// <summary>Grants rules through a role and binding of their own.</summary>
    public void Grant(Subject subject, string? space, params PolicyRule[] rules) =>
        Grant($"grant-{Interlocked.Increment(ref _granted).ToString(CultureInfo.InvariantCulture)}", space, [subject], rules);

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

    private void Grant(string name, string? space, IEnumerable<Subject> subjects, IEnumerable<PolicyRule> rules)
    {
        var (role, binding) = space is null
            ? (ResourceType.ClusterRoles, ResourceType.ClusterRoleBindings)
            : (ResourceType.Roles, ResourceType.RoleBindings);
        JsonObject Metadata() => new() { ["name"] = name, ["namespace"] = space };
        _state.Put(role, new JsonObject { ["metadata"] = Metadata(), ["rules"] = JsonSerializer.SerializeToNode(rules, JsonSerializerOptions.Web) });
        _state.Put(binding, new JsonObject
        {
            ["metadata"] = Metadata(),
            ["roleRef"] = new JsonObject { ["apiGroup"] = role.Group, ["kind"] = role.Kind, ["name"] = name },
            ["subjects"] = JsonSerializer.SerializeToNode(subjects, JsonSerializerOptions.Web),
        });
    }

    private IReadOnlyList<RoleBindingRules> Current()
    {
        var now = Types.Select(type => _state.Snapshot(type).Objects).ToArray();
        lock (_gate)
        {
            // Snapshots are the same objects until something is written, so rules are resolved once a change.
            if (!now.AsSpan().SequenceEqual(_seen, ReferenceEqualityComparer.Instance))
            {
                _bindings = [.. now[3].Values.Concat(now[2].Values).Select(binding => RoleBindingRules.Resolve(_state, binding))];
                _seen = now;
            }

            return _bindings;
        }
    }
}

/// <summary>A binding with its role's rules resolved.</summary>
/// <param name="Rules">What is granted; empty when the role does not exist.</param>
internal sealed record RoleBindingRules(
    StoredObject Binding, string RoleKind, string RoleName, IReadOnlyList<Subject> Subjects, IReadOnlyList<PolicyRule> Rules)
{
    /// <summary>Resolves a binding against the roles there are.</summary>
    public static RoleBindingRules Resolve(ClusterState state, StoredObject binding)
    {
        var body = binding.Body;
        var (kind, name) = (body.Text("roleRef", "kind") ?? "", body.Text("roleRef", "name") ?? "");
        var role = kind == "Role"
            ? state.Find(ResourceType.Roles, binding.Namespace, name)
            : state.Find(ResourceType.ClusterRoles, null, name);
        return new RoleBindingRules(
            binding,
            kind,
            name,
            body["subjects"].Deserialize<Subject[]>(JsonSerializerOptions.Web) ?? [],
            role?.Body["rules"].Deserialize<PolicyRule[]>(JsonSerializerOptions.Web) ?? []);
    }

    /// <summary>Why the request is allowed, in the API server's words; null when this binding does not allow it.</summary>
    public string? Allows(UserInfo user, AccessRequest request)
    {
        if (Binding.Namespace.Length > 0 && (!request.IsResource || Binding.Namespace != request.Namespace))
        {
            return null;
        }

        var subject = Subjects.FirstOrDefault(subject => subject.Is(user));
        if (subject is null || !Rules.Any(rule => rule.Allows(request)))
        {
            return null;
        }

        var name = Binding.Namespace.Length > 0 ? $"{Binding.Name}/{Binding.Namespace}" : Binding.Name;
        return $"RBAC: allowed by {Binding.Type.Kind} \"{name}\" of {RoleKind} \"{RoleName}\" to {subject}";
    }
}
