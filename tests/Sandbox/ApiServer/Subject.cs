using System.Text.Json.Nodes;

namespace ClusterTrust.Sandbox.ApiServer;

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
