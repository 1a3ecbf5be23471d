using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>GitHub's REST API as far as it is spoken, in its documented shapes, over a real Git repository: <c>octo/pages</c>.</summary>
internal sealed class GitHubServer(string basePath = "/") : SandboxServer(CertificateAuthority.OfProcess)
{
    public const long InstallationId = 4711;

    private readonly Lock _gate = new();

    public GitHubStore Store { get; } = new();

    public Uri ApiUrl => new(LoopbackAddress, basePath);

    /// <summary>The only token that is accepted.</summary>
    public string Token { get; } = $"token-{Guid.NewGuid():N}";

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
        Answer? answer;
        lock (_gate)
        {
            answer = path.StartsWith(basePath, StringComparison.Ordinal) ? Find(request.Method, path[basePath.Length..].Split('/'), body, bearer) : null;
        }

        await WriteAsync(context, answer ?? Answer.Problem(404, "Not Found"));
    }

    protected override Task WriteFaultAsync(HttpContext context, Fault.Status fault) => WriteAsync(context, Answer.Problem(fault.Code, fault.Body ?? "Server Error"));

    private static Task WriteAsync(HttpContext context, Answer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(answer.Json);
    }

    private Answer? Find(string method, string[] path, JsonNode? body, string bearer)
    {
        if (path is ["app", "installations", ..] or ["repos", "octo", "pages", "installation"])
        {
            Jwts.Add(bearer);
            return FindApp(path, body);
        }

        if (bearer != Token)
        {
            return Answer.Problem(401, "Bad credentials");
        }

        return path switch
        {
            ["repos", "octo", "pages"] => new(200, $$"""{"name":"pages","default_branch":"{{Store.DefaultBranch}}"}"""),
            ["repos", "octo", "pages", .. var rest] => Store.Find(method, rest, body),
            _ => null,
        };
    }

    private Answer? FindApp(string[] path, JsonNode? body)
    {
        if (path[^1] != "access_tokens")
        {
            return new(200, $$"""{"id":{{InstallationId}}}""");
        }

        if (path[2] != $"{InstallationId}")
        {
            return null;
        }

        TokenRequests.Add(body!);
        return new(201, $$"""{"token":"{{Token}}","expires_at":{{JsonSerializer.Serialize(TokenExpiry)}}}""");
    }
}

internal sealed record Answer(int Status, string Json)
{
    public static Answer Problem(int status, string message) =>
        new(status, $$"""{"message":{{JsonSerializer.Serialize(message)}},"documentation_url":"https://docs.github.com/rest"}""");
}
