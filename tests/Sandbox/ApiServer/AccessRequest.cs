namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>What a request needs, in the terms of RBAC rules.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete or deletecollection; the lower-case method for paths that are no resource.</param>
/// <param name="Resource">Plural resource name; empty for paths that are no resource.</param>
/// <param name="Namespace">Empty at the cluster scope.</param>
public sealed record AccessRequest(
    string Verb, string Path, string Group = "", string Version = "", string Resource = "", string Subresource = "", string Namespace = "", string Name = "")
{
    /// <summary>True for objects, false for paths such as <c>/version</c>.</summary>
    public bool IsResource => Resource.Length > 0;

    /// <summary>As rules name it: <c>serviceaccounts/token</c>.</summary>
    public string QualifiedResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>Reads a request as kube-apiserver's RequestInfo does.</summary>
    public static AccessRequest Of(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var prefix = segments switch
        {
            ["api", _, _, ..] => 2,
            ["apis", _, _, _, ..] => 3,
            _ => 0,
        };
        if (prefix == 0)
        {
            return new AccessRequest(request.Method.ToLowerInvariant(), path);
        }

        var (group, version) = (prefix == 3 ? segments[1] : "", segments[prefix - 1]);
        var rest = segments.AsSpan(prefix);
        var space = "";
        if (rest is ["namespaces", var inside, ..])
        {
            space = inside;
            rest = rest.Length > 2 ? rest[2..] : rest;
        }

        var resource = rest.Length > 0 ? rest[0] : "";
        var name = rest.Length > 1 ? rest[1] : "";
        var subresource = rest.Length > 2 ? rest[2] : "";
        return new AccessRequest(VerbOf(request, name.Length > 0), path, group, version, resource, subresource, space, name);
    }

    private static string VerbOf(HttpRequest request, bool named) => request.Method switch
    {
        "GET" or "HEAD" when request.Query["watch"].ToString() is "true" or "1" => "watch",
        "GET" or "HEAD" => named ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => named ? "delete" : "deletecollection",
        _ => request.Method.ToLowerInvariant(),
    };
}
