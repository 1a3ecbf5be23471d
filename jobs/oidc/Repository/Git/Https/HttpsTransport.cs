using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Site;

namespace ClusterTrust.Oidc.Repository.Git.Https;

/// <summary>
/// A repository over HTTPS (gitprotocol-http), by .NET's own client: it knows proxies and certificate authorities from the
/// environment, says what a server answered, and can be interrupted; libgit2's own can do neither.
/// </summary>
internal sealed class HttpsTransport : GitTransport
{
    private readonly HttpClient http;
    private readonly AuthenticationHeaderValue? authorization;
    private readonly GitRepositoryOptions options;

    public HttpsTransport(RepositoryAddress address, GitRepositoryOptions options)
        : base(address, options.Token?.Trim())
    {
        this.options = options;
        authorization = string.IsNullOrEmpty(options.Token)
            ? null
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.TokenUser}:{options.Token.Trim()}")));
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a token goes where it was meant to go
            ConnectTimeout = options.ConnectTimeout,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = options.CertificatePolicy },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // every wait has its own
        };
    }

    protected override string Scheme => GitLibrary.HttpsScheme;

    private string Host => Address.Host;

    /// <inheritdoc/>
    public override Task ConnectAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public override GitExchange Talk(GitService service, bool advertises) => new HttpsExchange(this, service, advertises, options.IdleTimeout);

    /// <summary>Sends one request.</summary>
    /// <param name="service">The service.</param>
    /// <param name="content">What is said to it, or null for the list of branches.</param>
    /// <param name="limit">Ends the wait.</param>
    /// <exception cref="JobException">There was no answer, or not a good one.</exception>
    public async Task<HttpResponseMessage> SendAsync(GitService service, ReadOnlyMemory<byte>? content, CancellationToken limit)
    {
        var name = service == GitService.UploadPack ? "git-upload-pack" : "git-receive-pack";
        var root = $"https://{(Host.Contains(':', StringComparison.Ordinal) && Host[0] != '[' ? $"[{Host}]" : Host)}:{Address.Port}{Address.Path}";
        using var request = content is { } body
            ? new HttpRequestMessage(HttpMethod.Post, $"{root}/{name}") { Content = new ReadOnlyMemoryContent(body) }
            : new HttpRequestMessage(HttpMethod.Get, $"{root}/info/refs?service={name}");
        request.Headers.Authorization = authorization;
        request.Headers.UserAgent.ParseAdd("git/2.0 (clustertrust-oidc)");
        if (request.Content is not null)
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue($"application/x-{name}-request");
            request.Headers.Accept.ParseAdd($"application/x-{name}-result");
        }

        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit);
        }
        catch (HttpRequestException failure)
        {
            throw Unreachable(failure);
        }

        var expected = $"application/x-{name}-{(content is null ? "advertisement" : "result")}";
        if (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType == expected)
        {
            return response;
        }

        using (response)
        {
            throw await ExplainAsync(response, service, limit);
        }
    }

    protected override void Dispose(bool disposing) => http.Dispose();

    private JobException Unreachable(HttpRequestException failure)
    {
        if (failure.InnerException is AuthenticationException untrusted)
        {
            return Usage($"The certificate of {Host} is not trusted ({ServerText.Quote(untrusted.Message)}): name the file of its certificate authority with SSL_CERT_FILE.", failure);
        }

        if (ProxyFault.CredentialsWanted(failure) is { } wanted)
        {
            return Usage($"The proxy on the way to {Host} {wanted}.", failure);
        }

        if (ProxyFault.Unreachable(failure) is { } missing)
        {
            return new TransientGitException($"The proxy {missing}.", failure);
        }

        if (failure.HttpRequestError == HttpRequestError.ProxyTunnelError)
        {
            return new TransientGitException($"The proxy named by HTTPS_PROXY did not let through to {Host} ({ServerText.Quote(failure.Message)}): check HTTPS_PROXY and NO_PROXY.", failure);
        }

        return new TransientGitException($"The server {Host}:{Address.Port} cannot be reached ({ServerText.Quote(failure.Message)}): check the address, the network policy and the proxy settings.", failure);
    }

    private async Task<JobException> ExplainAsync(HttpResponseMessage response, GitService service, CancellationToken limit)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType is "text/plain")
        {
            Output.Add(await StartOfAsync(response.Content, limit));
        }

        var quote = ServerRefusal.Quote(Output);
        if (response.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError && ServerRefusal.CauseOf(Output.Text, Address) is { } cause)
        {
            return Usage($"{cause} ({status}).{quote}");
        }

        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized when authorization is null =>
                Usage($"The repository {Address} asks for credentials (401): give a token, or use ssh:// with a deploy key.{quote}"),
            // Azure DevOps shows its sign-in page, with a status that is no error.
            HttpStatusCode.Unauthorized or HttpStatusCode.NonAuthoritativeInformation =>
                Usage($"The repository {Address} refused the token ({status}): it is wrong, expired or revoked.{quote}"),
            HttpStatusCode.Forbidden =>
                Usage($"The token may not {(service == GitService.ReceivePack ? "write to" : "read")} the repository {Address} (403): give it that permission.{quote}"),
            HttpStatusCode.NotFound =>
                Usage($"There is no repository {Address}, or it is hidden from these credentials (404): correct the address, or give the token access.{quote}"),
            >= HttpStatusCode.MovedPermanently and < HttpStatusCode.BadRequest =>
                Usage($"The repository {Address} has moved ({status} to {(response.Headers.Location is { } to ? Issuer.Shown.Of(to) : "nowhere")}): correct the address."),
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError =>
                new TransientGitException($"The server of {Address} answered {status}: try again later.{quote}"),
            HttpStatusCode.OK =>
                Usage($"{Address} does not speak Git: it answered with {ServerText.Quote(response.Content.Headers.ContentType?.ToString() ?? "no content type")}. Correct the address."),
            _ => Usage($"The server of {Address} answered {status}: correct the address.{quote}"),
        };
    }

    private static async Task<byte[]> StartOfAsync(HttpContent content, CancellationToken limit)
    {
        try
        {
            var start = new byte[2048];
            await using var stream = await content.ReadAsStreamAsync(limit);
            return start[..await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, limit)];
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            return []; // the status says enough
        }
    }

    private static JobException Usage(string message, Exception? cause = null) => new(message, ExitCode.Usage, cause);
}
