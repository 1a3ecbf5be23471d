using System.Text.RegularExpressions;
using ClusterTrust.Text;

namespace ClusterTrust.Kubernetes;

/// <summary>The RBAC rule that a 403 says is missing, read from the API server's own sentence.</summary>
/// <param name="User">The user as the server knows it, such as <c>system:serviceaccount:demo:job</c>.</param>
/// <param name="Verb">The verb, such as <c>list</c>.</param>
/// <param name="Resource">The resource with its subresource, such as <c>serviceaccounts/token</c>; null for a path.</param>
/// <param name="Group">The API group, empty for the core group.</param>
/// <param name="Namespace">The namespace; null for the whole cluster.</param>
/// <param name="Path">The path that is no resource; null for a resource.</param>
internal sealed partial record ForbiddenRule(string User, string Verb, string? Resource, string Group, string? Namespace, string? Path)
{
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    /// <summary>Reads the sentence; null when it is worded otherwise (an admission webhook's refusal, say).</summary>
    public static ForbiddenRule? Parse(string? message)
    {
        if (message is null)
        {
            return null;
        }

        if (OnResource().Match(message) is { Success: true } resource)
        {
            var scope = resource.Groups["namespace"];
            return new ForbiddenRule(
                resource.Groups["user"].Value,
                resource.Groups["verb"].Value,
                resource.Groups["resource"].Value,
                resource.Groups["group"].Value,
                scope.Success ? scope.Value : null,
                null);
        }

        return OnPath().Match(message) is { Success: true } path
            ? new ForbiddenRule(path.Groups["user"].Value, path.Groups["verb"].Value, null, "", null, path.Groups["path"].Value)
            : null;
    }

    /// <summary>One sentence: who may not do what where, and which rule cures it.</summary>
    public string Explain(string server)
    {
        var group = Group.Length == 0 ? "the core API group (\"\")" : $"API group \"{Group}\"";
        var (what, where, rule, role) = (Path, Namespace) switch
        {
            ({ } path, _) => ($"{Verb} the path {path}", "", $"verb \"{Verb}\" on the non-resource URL \"{path}\"", "a ClusterRole that a ClusterRoleBinding gives"),
            (_, { } ns) => ($"{Verb} {Resource}", $" in namespace {ns}", $"verb \"{Verb}\" on resource \"{Resource}\" of {group}", $"a Role in namespace {ns} that a RoleBinding there gives"),
            _ => ($"{Verb} {Resource}", " in the whole cluster", $"verb \"{Verb}\" on resource \"{Resource}\" of {group}", "a ClusterRole that a ClusterRoleBinding gives"),
        };
        return Sanitizer.Sanitize($"{Who()} may not {what}{where} at {server}: add {rule} to {role} to it.", 2 * Sanitizer.DefaultLength);
    }

    private string Who() =>
        User.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) && User[ServiceAccountPrefix.Length..].Split(':') is [var ns, var name]
            ? $"ServiceAccount {name} of namespace {ns}"
            : $"User {User}";

    [GeneratedRegex("""User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]*)" in API group "(?<group>[^"]*)" (?:at the cluster scope|in the namespace "(?<namespace>[^"]*)")""", RegexOptions.CultureInvariant)]
    private static partial Regex OnResource();

    [GeneratedRegex("User \"(?<user>[^\"]*)\" cannot (?<verb>\\S+) path \"(?<path>[^\"]*)\"", RegexOptions.CultureInvariant)]
    private static partial Regex OnPath();
}
