using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;

namespace ClusterTrust.Sandbox.Git;

/// <summary>
/// Git over HTTPS as GitHub offers it: the smart protocol by the real <c>git http-backend</c>, Basic authentication with tokens,
/// GitHub's answers to those who may not. Every repository is private.
/// </summary>
public sealed partial class GitHttpsServer(CertificateAuthority authority, GitRepositories repositories) : SandboxServer(authority, "github.com")
{
    private readonly BinaryRunner _git = GitProgram.Runner();
    private readonly ConcurrentDictionary<string, GitAccess> _tokens = new(StringComparer.Ordinal);

    /// <summary>Accepts a token, with any user name, for every repository.</summary>
    /// <param name="token">The password of Basic authentication; as the user name it is taken too.</param>
    public void AddToken(string token, GitAccess access = GitAccess.ReadWrite)
    {
        KnownSecrets.Add(token);
        KnownSecrets.Add(Convert.ToBase64String(Encoding.UTF8.GetBytes($"x-access-token:{token}")));
        _tokens[token] = access;
    }

    public string Url(string repository) => $"{LoopbackAddress}{repository}.git";

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _git.DisposeAsync();
    }

    protected override Task HandleAsync(HttpContext context)
    {
        var match = ServicePath().Match(context.Request.Path);
        if (!match.Success)
        {
            return RefuseAsync(context, 404, "Not Found");
        }

        var name = match.Groups["name"].Value;
        var isPush = context.Request.Query["service"] == "git-receive-pack" || match.Groups["action"].Value == "git-receive-pack";
        if (Authenticate(context.Request, out var presented) is not { } access)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"GitHub\"";
            return RefuseAsync(context, 401, presented ? "Invalid username or token. Password authentication is not supported for Git operations." : "No anonymous write access.");
        }

        if (!repositories.Names.Contains(name))
        {
            return RefuseAsync(context, 404, "Repository not found.");
        }

        return isPush && access != GitAccess.ReadWrite
            ? RefuseAsync(context, 403, "Write access to repository not granted.")
            : ServeAsync(context, $"/{name}.git/{match.Groups["action"].Value}");
    }

    private async Task ServeAsync(HttpContext context, string path)
    {
        var (request, response) = (context.Request, context.Response);
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        var variables = new Dictionary<string, string>
        {
            ["GIT_PROJECT_ROOT"] = repositories.Root,
            ["GIT_HTTP_EXPORT_ALL"] = "1",
            ["GATEWAY_INTERFACE"] = "CGI/1.1",
            ["SERVER_PROTOCOL"] = "HTTP/1.1",
            ["REQUEST_METHOD"] = request.Method,
            ["PATH_INFO"] = path,
            ["QUERY_STRING"] = request.QueryString.Value?.TrimStart('?') ?? "",
            ["CONTENT_TYPE"] = request.ContentType ?? "",
            ["CONTENT_LENGTH"] = body.Length.ToString(CultureInfo.InvariantCulture),
            ["HTTP_CONTENT_ENCODING"] = request.Headers.ContentEncoding.ToString(),
            ["GIT_PROTOCOL"] = request.Headers["Git-Protocol"].ToString(),
            ["REMOTE_ADDR"] = "127.0.0.1",
            ["REMOTE_USER"] = "octocat",
        };
        var output = await _git.RunAsync(["http-backend"], variables, input: body.ToArray(), cancellationToken: context.RequestAborted);
        var end = output.Bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(output.Bytes, 0, end).Split("\r\n"))
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name == "Status")
            {
                response.StatusCode = int.Parse(value.AsSpan(0, 3), CultureInfo.InvariantCulture);
            }
            else
            {
                response.Headers[name] = value;
            }
        }

        await response.Body.WriteAsync(output.Bytes.AsMemory(end + 4), context.RequestAborted);
    }

    private GitAccess? Authenticate(HttpRequest request, out bool presented)
    {
        presented = AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header);
        var bytes = new byte[header?.Parameter?.Length ?? 0];
        if (header?.Scheme is not ("Basic" or "basic") || !Convert.TryFromBase64String(header.Parameter ?? "", bytes, out var length))
        {
            return null;
        }

        return Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2)
            .Reverse()
            .Select(part => _tokens.TryGetValue(part, out var access) ? access : (GitAccess?)null)
            .FirstOrDefault(static access => access is not null);
    }

    // git shows a refusal's body to its user when it is plain text.
    private static Task RefuseAsync(HttpContext context, int status, string body) => context.TextAsync(body + "\n", status);

    [GeneratedRegex(@"^/(?<name>[^/]+/[^/]+?)(\.git)?/(?<action>info/refs|git-upload-pack|git-receive-pack)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex ServicePath();
}
