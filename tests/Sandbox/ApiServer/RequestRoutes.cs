namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>The resources that are answered and not stored: TokenRequest and SelfSubjectAccessReview.</summary>
internal sealed class RequestRoutes(ClusterState state, Rbac rbac, TokenIssuer tokens, TimeProvider clock)
{
    private const long DefaultSeconds = 3600;
    private const long LeastSeconds = 600;

    /// <summary>What answers a request; null when it is for something else.</summary>
    public Func<JsonObject, JsonObject>? Find(AccessRequest request, UserInfo user)
    {
        Func<JsonObject, JsonObject>? found = request switch
        {
            { Group: "authorization.k8s.io", Resource: "selfsubjectaccessreviews" } => body => Review(body, user),
            { Group: "", Resource: "serviceaccounts", Subresource: "token" } => body => Token(body, request),
            _ => null,
        };
        return found is null || request.Verb == "create" ? found : throw ApiStatus.MethodNotAllowed();
    }

    private JsonObject Token(JsonObject body, AccessRequest request)
    {
        var account = state.Find(ResourceType.ServiceAccounts, request.Namespace, request.Name)
            ?? throw ApiStatus.NotFound(ResourceType.ServiceAccounts, request.Name);
        var spec = body["spec"] as JsonObject ?? [];
        var seconds = spec.Number("expirationSeconds") ?? DefaultSeconds;
        var faults = new FieldFaults();
        faults.Invalid("spec.expirationSeconds", seconds >= LeastSeconds);
        faults.Throw("authentication.k8s.io", "TokenRequest", "");
        var named = spec.Texts("audiences");
        IReadOnlyCollection<string> granted = named.Length > 0 ? named : tokens.Audiences;
        var now = clock.GetUtcNow();
        return (JsonObject)JsonNode.Parse($$"""
            {"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1",
             "metadata":{"name":"{{account.Name}}","namespace":"{{account.Namespace}}","uid":"{{account.Uid}}","creationTimestamp":"{{JsonText.Timestamp(now)}}"},
             "spec":{"audiences":{{JsonText.Array(granted).ToJsonString()}},"expirationSeconds":{{seconds}},"boundObjectRef":null},
             "status":{"token":"{{tokens.Issue(account, granted, TimeSpan.FromSeconds(seconds))}}","expirationTimestamp":"{{JsonText.Timestamp(now.AddSeconds(seconds))}}"} }
            """)!;
    }

    private JsonObject Review(JsonObject body, UserInfo user)
    {
        var spec = body["spec"];
        var requested = (spec?["resourceAttributes"], spec?["nonResourceAttributes"]) switch
        {
            ({ } resource, null) => new AccessRequest(
                resource.Text("verb") ?? "",
                "",
                resource.Text("group") ?? "",
                resource.Text("version") ?? "",
                resource.Text("resource") ?? "",
                resource.Text("subresource") ?? "",
                resource.Text("namespace") ?? "",
                resource.Text("name") ?? ""),
            (null, { } path) => new AccessRequest(path.Text("verb") ?? "", path.Text("path") ?? ""),
            _ => throw ApiStatus.BadRequest("exactly one of nonResourceAttributes or resourceAttributes must be specified"),
        };
        var reason = rbac.Allows(user, requested);
        return new JsonObject
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["spec"] = spec!.DeepClone(),
            ["status"] = reason is null ? new JsonObject { ["allowed"] = false } : new JsonObject { ["allowed"] = true, ["reason"] = reason },
        };
    }
}
