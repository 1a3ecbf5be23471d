namespace ClusterTrust.Sandbox.ApiServer;

internal sealed class ResourceRoutes(ClusterState state)
{
    private static readonly string[] PatchTypes = ["application/merge-patch+json", "application/strategic-merge-patch+json"];

    public async Task HandleAsync(HttpContext context, AccessRequest request, ResourceType type)
    {
        if (context.Request.Query["dryRun"].Count > 0)
        {
            throw ApiStatus.BadRequest("the sandbox serves no dry runs");
        }

        // Every cluster-scoped name of a namespace is also its namespace to the authorizer; not so to the store.
        var space = type.Namespaced ? request.Namespace : "";
        switch (request.Verb)
        {
            case "list":
                var metadataOnly = Negotiation.WantsMetadata(context.Request, list: true);
                var page = ListPage.Read(state, type, space, ListQuery.Parse(context.Request.Query, type));
                await context.TextAsync(page.ToJson(type, metadataOnly), contentType: Answers.Json);
                break;
            case "get":
                var asMetadata = Negotiation.WantsMetadata(context.Request, list: false);
                var found = state.Find(type, space, request.Name) ?? throw ApiStatus.NotFound(type, request.Name);
                await context.TextAsync(asMetadata ? found.MetadataJson : found.Json, contentType: Answers.Json);
                break;
            case "create" when request.Name.Length == 0 && (space.Length > 0 || !type.Namespaced):
                var created = state.Create(type, await BodyAsync(context, type, space, null));
                await context.TextAsync(created.Json, StatusCodes.Status201Created, Answers.Json);
                break;
            case "update" when request.Name.Length > 0:
                var existed = state.Find(type, space, request.Name) is not null;
                var updated = state.Update(type, await BodyAsync(context, type, space, request.Name));
                await context.TextAsync(updated.Json, existed ? StatusCodes.Status200OK : StatusCodes.Status201Created, Answers.Json);
                break;
            case "patch" when request.Name.Length > 0:
                await context.TextAsync(state.Patch(type, space, request.Name, await context.ReadBodyAsync(PatchTypes)).Json, contentType: Answers.Json);
                break;
            case "delete":
                var deleted = state.Delete(type, space, request.Name);
                await context.TextAsync(state.Find(type, space, request.Name)?.Json ?? Deleted(deleted).ToJsonString(JsonText.Relaxed), contentType: Answers.Json);
                break;
            default:
                // Watches too: the jobs run once and have no use for them.
                throw ApiStatus.MethodNotAllowed();
        }
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context, ResourceType type, string space, string? name)
    {
        var body = await context.ReadBodyAsync();
        if (body.Text("kind") is { } kind && (kind != type.Kind || body.Text("apiVersion") != type.ApiVersion))
        {
            throw ApiStatus.BadRequest(
                $"{kind} in version \"{body.Text("apiVersion")}\" cannot be handled as a {type.Kind}: the API version or kind in the data does not match the request");
        }

        var metadata = ClusterState.Metadata(body);
        var (givenSpace, givenName) = (metadata.Text("namespace") ?? "", metadata.Text("name") ?? "");
        if (givenSpace.Length > 0 && givenSpace != space)
        {
            throw ApiStatus.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (name is not null && givenName.Length > 0 && givenName != name)
        {
            throw ApiStatus.BadRequest($"the name of the object ({givenName}) does not match the name on the URL ({name})");
        }

        metadata["name"] = name ?? metadata.Text("name");
        metadata["namespace"] = type.Namespaced ? space : null;
        return body;
    }

    private static JsonObject Deleted(StoredObject deleted)
    {
        var details = ApiStatus.About(deleted.Name, deleted.Type.Group, deleted.Type.Plural);
        details["uid"] = deleted.Uid;
        return new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details };
    }
}
