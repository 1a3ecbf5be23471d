using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>Answers "who am I" and "may I": SelfSubjectReview and SelfSubjectAccessReview.</summary>
/// <param name="rbac">Decides.</param>
/// <param name="clock">Gives the times in the answers.</param>
internal sealed class ReviewRoutes(Rbac rbac, TimeProvider clock)
{
    public static bool Serves(AccessRequest request) => (request.Group, request.Resource) is
        ("authentication.k8s.io", "selfsubjectreviews") or ("authorization.k8s.io", "selfsubjectaccessreviews");

    /// <exception cref="StatusException">Every refusal.</exception>
    public async Task HandleAsync(HttpContext context, AccessRequest request, UserInfo user)
    {
        if (request.Verb != "create")
        {
            throw new StatusException(ApiStatus.MethodNotAllowed);
        }

        var body = await context.ReadBodyAsync();
        var answer = request.Resource == "selfsubjectreviews" ? Identity(user) : Access(context, body, user);
        await context.JsonAsync(answer, StatusCodes.Status201Created);
    }

    private JsonObject Identity(UserInfo user) => new()
    {
        ["kind"] = "SelfSubjectReview",
        ["apiVersion"] = "authentication.k8s.io/v1",
        ["metadata"] = new JsonObject { ["creationTimestamp"] = JsonText.Timestamp(clock.GetUtcNow()) },
        ["status"] = new JsonObject { ["userInfo"] = user.ToJson() },
    };

    private JsonObject Access(HttpContext context, JsonObject body, UserInfo user)
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
            _ => throw new StatusException(ApiStatus.Invalid(
                "authorization.k8s.io", "SelfSubjectAccessReview", "", "spec.resourceAttributes", "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified")),
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
            ["metadata"] = new JsonObject { ["managedFields"] = ManagedFields.After(body, null, context.Manager(), ApiVersion, clock.GetUtcNow()) },
            ["spec"] = spec!.DeepClone(),
            ["status"] = status,
        };
    }
}
