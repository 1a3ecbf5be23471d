namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>A refusal with the body <c>metav1.Status</c>, in the API server's words.</summary>
internal sealed class ApiStatus(int code, string reason, string message, JsonObject? details = null, string? continueToken = null) : Refusal(code, message)
{
    public static ApiStatus Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiStatus MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    /// <summary>404 for a path of resources that nothing serves.</summary>
    public static ApiStatus NotServed() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiStatus BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>403 for what is to be created in a namespace that is being deleted.</summary>
    public static ApiStatus Terminating(ResourceType type, string space, string name)
    {
        var details = About(name, type.Group, type.Plural);
        details["causes"] = JsonNode.Parse($$"""[{"reason":"NamespaceTerminating","message":"namespace {{space}} is being terminated","field":"metadata.namespace"}]""");
        return new ApiStatus(
            403, "Forbidden", $"{type.QualifiedName} \"{name}\" is forbidden: unable to create new content in namespace {space} because it is being terminated", details);
    }

    public static ApiStatus NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedName} \"{name}\" not found", About(name, type.Group, type.Plural));

    public static ApiStatus AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedName} \"{name}\" already exists", About(name, type.Group, type.Plural));

    /// <summary>409 for an update of an object that is no longer as its body says.</summary>
    public static ApiStatus Conflict(ResourceType type, string name, string cause) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedName} \"{name}\": {cause}", About(name, type.Group, type.Plural));

    /// <summary>410 for a continue token whose revision was compacted, with a token that resumes at the latest one.</summary>
    public static ApiStatus Expired(string inconsistentToken) => new(
        410,
        "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, "
        + "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an "
        + "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
        continueToken: inconsistentToken);

    public static ApiStatus Forbidden(string user, AccessRequest request)
    {
        if (!request.IsResource)
        {
            return new ApiStatus(403, "Forbidden", $"forbidden: User \"{user}\" cannot {request.Verb} path \"{request.Path}\"", []);
        }

        var what = request.Group.Length == 0 ? request.Resource : $"{request.Resource}.{request.Group}";
        what += request.Name.Length == 0 ? "" : $" \"{request.Name}\"";
        var scope = request.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        return new ApiStatus(
            403,
            "Forbidden",
            $"{what} is forbidden: User \"{user}\" cannot {request.Verb} resource \"{request.QualifiedResource}\" in API group \"{request.Group}\" {scope}",
            About(request.Name, request.Group, request.Resource));
    }

    /// <summary>What the API server says of faults of its own.</summary>
    public static ApiStatus OfFault(int code)
    {
        const string cause = "etcdserver: leader changed";
        return code switch
        {
            500 => new ApiStatus(500, "InternalError", $"Internal error occurred: {cause}", (JsonObject?)JsonNode.Parse($$"""{"causes":[{"message":"{{cause}}"}]}""")),
            503 => new ApiStatus(503, "ServiceUnavailable", "the server is currently unable to handle the request"),
            504 => new ApiStatus(504, "Timeout", "Timeout: request did not complete within the allotted timeout", []),
            _ => new ApiStatus(code, "Unknown", $"the server responded with the status code {code}", []),
        };
    }

    /// <summary>The body in the API server's order of properties.</summary>
    public override JsonObject ToJson() => JsonText.WithoutEmpty(
        ("kind", "Status"),
        ("apiVersion", "v1"),
        ("metadata", JsonText.WithoutEmpty(("continue", continueToken))),
        ("status", "Failure"),
        ("message", Message),
        ("reason", reason),
        ("details", details),
        ("code", Status));

    public static JsonObject About(string name, string group, string kind) => JsonText.WithoutEmpty(("name", name), ("group", group), ("kind", kind));
}
