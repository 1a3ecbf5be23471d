namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Authorization by the Role, ClusterRole and binding objects that the cluster stores. Nothing else grants anything.</summary>
public sealed class Rbac
{
    private static readonly ResourceType[] Types =
        [ResourceType.Roles, ResourceType.ClusterRoles, ResourceType.RoleBindings, ResourceType.ClusterRoleBindings];

    private readonly ClusterState _state;
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
    public string? Allows(UserInfo user, AccessRequest request) => _state.List(ResourceType.ClusterRoleBindings)
        .Concat(request.Namespace.Length == 0 ? [] : _state.List(ResourceType.RoleBindings).Where(binding => binding.Namespace == request.Namespace))
        .Select(binding => Allows(binding, user, request))
        .FirstOrDefault(static reason => reason is not null);

    private string? Allows(StoredObject binding, UserInfo user, AccessRequest request)
    {
        var body = binding.Body;
        if (body["subjects"].Deserialize<Subject[]>(JsonSerializerOptions.Web)?.FirstOrDefault(one => one.Is(user)) is not { } subject)
        {
            return null;
        }

        var (kind, name) = (body.Text("roleRef", "kind"), body.Text("roleRef", "name") ?? "");
        var role = kind == "Role" ? _state.Find(ResourceType.Roles, binding.Namespace, name) : _state.Find(ResourceType.ClusterRoles, null, name);
        var place = binding.Namespace.Length > 0 ? $"{binding.Name}/{binding.Namespace}" : binding.Name;
        return role?.Body["rules"].Deserialize<PolicyRule[]>(JsonSerializerOptions.Web)?.Any(rule => rule.Allows(request)) == true
            ? $"RBAC: allowed by {binding.Type.Kind} \"{place}\" of {kind} \"{name}\" to {subject}"
            : null;
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
}
