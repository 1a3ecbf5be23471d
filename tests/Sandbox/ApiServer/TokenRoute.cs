using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>TokenRequest: signs a token for a ServiceAccount.</summary>
/// <param name="state">Knows the ServiceAccounts.</param>
/// <param name="tokens">Signs.</param>
/// <param name="audiences">The audiences of a request that names none.</param>
/// <param name="clock">Gives the expiry.</param>
internal sealed class TokenRoute(ClusterState state, TokenIssuer tokens, Func<IReadOnlyCollection<string>> audiences, TimeProvider clock)
{
    private const string ApiVersion = "authentication.k8s.io/v1";
    private const long DefaultSeconds = 3600;
    private const long LeastSeconds = 600;

    public static bool Serves(AccessRequest request) => request is { Group: "", Resource: "serviceaccounts", Subresource: "token" };

    /// <exception cref="StatusException">Every refusal.</exception>
    public async Task HandleAsync(HttpContext context, AccessRequest request)
    {
        if (request.Verb != "create")
        {
            throw new StatusException(ApiStatus.MethodNotAllowed);
        }

        var body = await context.ReadBodyAsync();
        var account = state.Find(ResourceType.ServiceAccounts, request.Namespace, request.Name)
            ?? throw new StatusException(ApiStatus.NotFound(ResourceType.ServiceAccounts, request.Name));
        var spec = body["spec"] as JsonObject ?? [];
        var seconds = spec["expirationSeconds"] is JsonValue number && number.TryGetValue<long>(out var asked) ? asked : DefaultSeconds;
        if (seconds < LeastSeconds)
        {
            var faults = new FieldFaults();
            faults.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
            faults.Throw("authentication.k8s.io", "TokenRequest", "");
        }

        var named = spec.Texts("audiences");
        IReadOnlyCollection<string> granted = named.Length > 0 ? named : audiences();
        var now = clock.GetUtcNow();
        await context.JsonAsync(
            new JsonObject
            {
                ["kind"] = "TokenRequest",
                ["apiVersion"] = ApiVersion,
                ["metadata"] = new JsonObject
                {
                    ["name"] = account.Name,
                    ["namespace"] = account.Namespace,
                    ["uid"] = account.Uid,
                    ["creationTimestamp"] = JsonText.Timestamp(now),
                },
                ["spec"] = new JsonObject { ["audiences"] = JsonText.Array(granted), ["expirationSeconds"] = seconds, ["boundObjectRef"] = null },
                ["status"] = new JsonObject
                {
                    ["token"] = tokens.Issue(account, granted, TimeSpan.FromSeconds(seconds)),
                    ["expirationTimestamp"] = JsonText.Timestamp(now.AddSeconds(seconds)),
                },
            },
            StatusCodes.Status201Created);
    }
}
