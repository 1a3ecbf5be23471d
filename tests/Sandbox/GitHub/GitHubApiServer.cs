using System.Net.Http.Headers;
using ClusterTrust.Sandbox.Servers;
using Microsoft.AspNetCore.Http;

namespace ClusterTrust.Sandbox.GitHub;

/// <summary>api.github.com in front of <see cref="EmulatedGitHub"/>: over TLS, by its own name, with faults on demand.</summary>
public sealed class GitHubApiServer(CertificateAuthority authority, EmulatedGitHub github) : SandboxServer(authority, Host)
{
    /// <summary>The name to lead here.</summary>
    public const string Host = "api.github.com";

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _client.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        using var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(github.ApiUrl, $"{request.Path}{request.QueryString}"));
        forwarded.Headers.TryAddWithoutValidation("Authorization", request.Headers.Authorization.ToString());
        forwarded.Headers.TryAddWithoutValidation("Accept", request.Headers.Accept.ToString());
        if (body.Length > 0)
        {
            forwarded.Content = new ByteArrayContent(body.ToArray());
            forwarded.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType ?? "application/json");
        }

        // Not ended with the caller's request: GitHub goes on, too, when whoever asked is gone.
        using var answer = await _client.SendAsync(forwarded, CancellationToken.None);
        response.StatusCode = (int)answer.StatusCode;
        response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await answer.Content.CopyToAsync(response.Body, CancellationToken.None);
    }

    /// <summary>GitHub words its errors as JSON.</summary>
    protected override Task WriteFaultAsync(HttpContext context, Fault.Status fault) => base.WriteFaultAsync(
        context, fault.Body is null ? fault with { Body = $$"""{"message":"{{WordsOf(fault.Code)}}","documentation_url":"https://docs.github.com/rest"}""" } : fault);

    private static string WordsOf(int status) => status switch
    {
        401 => "Bad credentials",
        403 => "Resource not accessible by personal access token",
        404 => "Not Found",
        409 => "Conflict",
        410 => "Gone",
        429 => "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        500 => "Server Error",
        _ => "Service unavailable",
    };
}
