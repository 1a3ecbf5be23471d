using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Answers "may I": SelfSubjectAccessReview.</summary>
/// <param name="rbac">Decides.</param>
internal sealed class ReviewRoutes(Rbac rbac)
{
    public static bool Serves(AccessRequest request) => request is { Group: "authorization.k8s.io", Resource: "selfsubjectaccessreviews" };

    /// <exception cref="StatusException">Every refusal.</exception>
    public async Task HandleAsync(HttpContext context, AccessRequest request, UserInfo user)
    {
        if (request.Verb != "create")
        {
            throw new StatusException(ApiStatus.MethodNotAllowed);
        }

        var body = await context.ReadBodyAsync();
        await context.JsonAsync(Access(body, user), StatusCodes.Status201Created);
    }

    private JsonObject Access(JsonObject body, UserInfo user)
    {
        const string ApiVersion = "authorization.k8s.io/v1";
        var spec = body["spec"];
        var asked = (spec?["resourceAttributes"], spec?["nonResourceAttributes"]) switch
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
            _ => throw new StatusException(ApiStatus.BadRequest("exactly one of nonResourceAttributes or resourceAttributes must be specified")),
        };
        var reason = rbac.Allows(user, asked);
        var status = new JsonObject { ["allowed"] = reason is not null };
        if (reason is not null)
        {
            status["reason"] = reason;
        }

        return new JsonObject
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = ApiVersion,
            ["metadata"] = new JsonObject(),
            ["spec"] = spec!.DeepClone(),
            ["status"] = status,
        };
    }
}
