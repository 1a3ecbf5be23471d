using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>GitHub's REST API as far as it is spoken, in its documented shapes, over a real Git repository: <c>octo/pages</c>.</summary>
internal sealed class GitHubServer(string basePath = "/") : SandboxServer(CertificateAuthority.OfProcess)
{
    private readonly Lock gate = new();

    public GitHubStore Store { get; } = new();

    public Uri ApiUrl => new(LoopbackAddress, basePath);

    /// <summary>The only token that is accepted.</summary>
    public string Token { get; } = $"token-{Guid.NewGuid():N}";

    public const long InstallationId = 4711;

    /// <summary>What each token request of an App asked for.</summary>
    public List<JsonNode> TokenRequests { get; } = [];

    /// <summary>The JWTs by which Apps proved who they are.</summary>
    public List<string> Jwts { get; } = [];

    /// <summary>When the tokens given to Apps expire.</summary>
    public DateTimeOffset TokenExpiry { get; set; } = DateTimeOffset.UtcNow.AddHours(1);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Store.Dispose();
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value!;
        var body = request.ContentLength > 0 ? await JsonNode.ParseAsync(request.Body) : null;
        var bearer = request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        JsonNode answer;
        int status;
        lock (gate)
        {
            (status, answer) = path.StartsWith(basePath, StringComparison.Ordinal)
                ? Answer(request.Method, path[basePath.Length..], body, bearer)
                : (404, Problem("Not Found"));
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    protected override Task WriteFaultAsync(HttpContext context, Fault.Status fault)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(Problem(fault.Body ?? "Server Error").ToJsonString());
    }

    private static JsonObject Problem(string message) => new()
    {
        ["message"] = message,
        ["documentation_url"] = "https://docs.github.com/rest",
    };

    private (int Status, JsonNode Answer) Answer(string method, string path, JsonNode? body, string bearer)
    {
        if (path == "repos/octo/pages/installation" || path.StartsWith("app/installations/", StringComparison.Ordinal))
        {
            Jwts.Add(bearer);
            return AnswerApp(path, body);
        }

        if (bearer != Token)
        {
            return (401, Problem("Bad credentials"));
        }

        const string Repository = "repos/octo/pages";
        if (path == Repository)
        {
            return (200, new JsonObject { ["name"] = "pages", ["default_branch"] = Store.DefaultBranch });
        }

        return path.StartsWith(Repository + "/", StringComparison.Ordinal)
            ? Store.Answer(method, path[(Repository.Length + 1)..], body) ?? (404, Problem("Not Found"))
            : (404, Problem("Not Found"));
    }

    private (int Status, JsonNode Answer) AnswerApp(string path, JsonNode? body)
    {
        if (!path.EndsWith("/access_tokens", StringComparison.Ordinal))
        {
            return (200, new JsonObject { ["id"] = InstallationId });
        }

        if (path != $"app/installations/{InstallationId}/access_tokens")
        {
            return (404, Problem("Not Found"));
        }

        TokenRequests.Add(body!.DeepClone());
        return (201, new JsonObject { ["token"] = Token, ["expires_at"] = JsonSerializer.SerializeToNode(TokenExpiry) });
    }
}
