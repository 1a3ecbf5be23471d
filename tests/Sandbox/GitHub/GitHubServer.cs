namespace ClusterTrust.Sandbox.GitHub;

/// <summary>
/// api.github.com for one repository of the sandbox, as far as a client of the Git database and a GitHub App need it. <see cref="EmulatedGitHub"/>,
/// which is a third-party emulator, is used with the same client.
/// </summary>
/// <param name="name">The repository's name there, <c>owner/repository</c>.</param>
/// <param name="basePath">The API's path; GitHub Enterprise Server has one.</param>
public sealed class GitHubServer(CertificateAuthority authority, GitRepository repository, string name, string basePath = "/") : SandboxServer(authority, Host)
{
    public const string Host = "api.github.com";

    /// <summary>The only installation of an App.</summary>
    public const long InstallationId = 4711;

    private readonly GitHubData _data = new(repository);
    private readonly Lock _gate = new();

    public Uri ApiUrl => new(LoopbackAddress, basePath);

    /// <summary>The only token that is accepted.</summary>
    public string Token { get; } = NewToken();

    public string DefaultBranch { get; set; } = GitRepository.DefaultBranch;

    /// <summary>Refuses every move of a branch with this message, as a ruleset does.</summary>
    public string? Rule { get; set; }

    /// <summary>The body of each token request of an App.</summary>
    public List<JsonNode> TokenRequests { get; } = [];

    /// <summary>The JWTs by which Apps proved who they are.</summary>
    public List<string> Jwts { get; } = [];

    /// <summary>When the tokens given to Apps expire.</summary>
    public DateTimeOffset TokenExpiry { get; set; } = DateTimeOffset.UtcNow.AddHours(1);

    /// <summary>A fault that GitHub words as JSON.</summary>
    public static Fault.Status Problem(int status, string message, int? retryAfterSeconds = null) => new(status, retryAfterSeconds, Answer.Problem(status, message).Json);

    protected override async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value!;
        var body = request.ContentLength > 0 ? await JsonNode.ParseAsync(request.Body) : null;
        var bearer = request.Headers.Authorization.ToString().Split(' ')[^1];
        var answer = path.StartsWith(basePath, StringComparison.Ordinal) ? await FindAsync(request, path[basePath.Length..].Split('/'), body, bearer) : null;
        await WriteAsync(context, answer ?? Answer.Problem(404, "Not Found"));
    }

    protected override Task WriteFaultAsync(HttpContext context, int code) => WriteAsync(context, Answer.Problem(code, code switch
    {
        401 => "Bad credentials",
        403 => "Resource not accessible by personal access token",
        429 => "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        _ => ReasonPhrases.GetReasonPhrase(code),
    }));

    private static string NewToken()
    {
        var token = $"ghp_{Guid.NewGuid():N}";
        KnownSecrets.Add(token);
        return token;
    }

    private static Task WriteAsync(HttpContext context, Answer answer) => context.TextAsync(answer.Json, answer.Status, "application/json; charset=utf-8");

    private async Task<Answer?> FindAsync(HttpRequest request, string[] path, JsonNode? body, string bearer)
    {
        if (path is ["app", "installations", ..] or ["repos", _, _, "installation"])
        {
            return FindApp(path, body, bearer);
        }

        if (bearer != Token)
        {
            return Answer.Problem(401, "Bad credentials");
        }

        return path switch
        {
            ["repos", var owner, var repo, ..] when $"{owner}/{repo}" != name => null,
            ["repos", _, _] => new(200, $$"""{"name":"{{path[2]}}","default_branch":"{{DefaultBranch}}"}"""),
            ["repos", _, _, "git", "refs", ..] when Rule is not null && request.Method == "PATCH" => Answer.Problem(422, Rule),
            ["repos", _, _, .. var rest] => await _data.FindAsync(request.Method, rest, request.Query, body, DefaultBranch),
            _ => null,
        };
    }

    private Answer? FindApp(string[] path, JsonNode? body, string bearer)
    {
        lock (_gate)
        {
            Jwts.Add(bearer);
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
}

internal sealed record Answer(int Status, string Json)
{
    public static Answer Problem(int status, string message) =>
        new(status, $$"""{"message":{{JsonSerializer.Serialize(message)}},"documentation_url":"https://docs.github.com/rest"}""");
}
