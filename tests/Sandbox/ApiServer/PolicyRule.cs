using System.Text.Json.Serialization;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>One RBAC rule as in objects; <c>*</c> matches everything.</summary>
public sealed record PolicyRule
{
    public string[] Verbs { get; init; } = [];

    /// <summary>API groups; empty string for the core group.</summary>
    public string[] ApiGroups { get; init; } = [];

    /// <summary>Plural names, with a subresource after a slash.</summary>
    public string[] Resources { get; init; } = [];

    /// <summary>Empty for every name.</summary>
    public string[] ResourceNames { get; init; } = [];

    /// <summary>Paths; a trailing <c>*</c> matches the rest.</summary>
    [JsonPropertyName("nonResourceURLs")]
    public string[] NonResourceUrls { get; init; } = [];

    public static PolicyRule For(string group, string resource, params string[] verbs) => new() { Verbs = verbs, ApiGroups = [group], Resources = [resource] };

    public static PolicyRule ForPaths(string[] paths, params string[] verbs) => new() { Verbs = verbs, NonResourceUrls = paths };

    public PolicyRule Named(params string[] names) => this with { ResourceNames = names };

    public bool Allows(AccessRequest request) => Has(Verbs, request.Verb) && (request.IsResource ? AllowsResource(request) : NonResourceUrls.Any(url => Covers(url, request.Path)));

    private static bool Has(string[] values, string value) => values.Contains("*") || values.Contains(value);

    private static bool Covers(string url, string path) =>
        url == path || (url.EndsWith('*') && path.StartsWith(url[..^1], StringComparison.Ordinal));

    private bool AllowsResource(AccessRequest request) =>
        Has(ApiGroups, request.Group)
        && (Has(Resources, request.QualifiedResource) || (request.Subresource.Length > 0 && Resources.Contains($"*/{request.Subresource}")))
        && (ResourceNames.Length == 0 || ResourceNames.Contains(request.Name));
}

public sealed record UserInfo(string Name, params string[] Groups)
{
    public static UserInfo Admin { get; } = new("sandbox-admin", "system:masters", "system:authenticated");

    public static UserInfo Anonymous { get; } = new("system:anonymous", "system:unauthenticated");

    public static UserInfo ServiceAccount(string space, string name) =>
        new($"system:serviceaccount:{space}:{name}", "system:serviceaccounts", $"system:serviceaccounts:{space}", "system:authenticated");
}

/// <summary>Whom a binding grants a role to.</summary>
public sealed record Subject(string Kind, string Name, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Namespace = null)
{
    public static Subject Group(string name) => new("Group", name);

    public static Subject ServiceAccount(string space, string name) => new("ServiceAccount", name, space);

    public bool Is(UserInfo user) => Kind switch
    {
        "User" => user.Name == Name,
        "Group" => user.Groups.Contains(Name),
        "ServiceAccount" => user.Name == $"system:serviceaccount:{Namespace}:{Name}",
        _ => false,
    };

    /// <summary>As the API server's reasons name it.</summary>
    public override string ToString() => Kind == "ServiceAccount" ? $"{Kind} \"{Name}/{Namespace}\"" : $"{Kind} \"{Name}\"";
}
