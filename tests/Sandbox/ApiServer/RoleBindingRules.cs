namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>A binding with its role's rules resolved.</summary>
/// <param name="Binding">The RoleBinding or ClusterRoleBinding.</param>
/// <param name="RoleKind">Role or ClusterRole.</param>
/// <param name="RoleName">The role's name.</param>
/// <param name="Subjects">Who is granted it.</param>
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
            [.. (body["subjects"]?.AsArray() ?? []).Select(Subject.Parse)],
            [.. (role?.Body["rules"]?.AsArray() ?? []).Select(PolicyRule.Parse)]);
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
