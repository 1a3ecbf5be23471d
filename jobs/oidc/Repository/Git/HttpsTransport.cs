using System.Buffers;
using System.Net.Http.Headers;
using LibGit2Sharp;

namespace ClusterTrust.Oidc.Repository.Git;

/// <summary>
/// A repository over HTTPS (gitprotocol-http), with .NET's client: it takes proxies and certificate authorities from the
/// environment, reports the server's response, and can be cancelled; libgit2's client does none of this.
/// </summary>
internal sealed class HttpsTransport(RepositoryAddress address, GitRepositoryOptions options) : GitTransport(address, options)
{
    private readonly AuthenticationHeaderValue? _authorization = string.IsNullOrEmpty(options.Token)
        ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{UserOf(address.Host)}:{options.Token.Trim()}")));

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // the token must not be sent to another server
        ConnectTimeout = options.ConnectTimeout,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.GZip,
        SslOptions = { RemoteCertificateValidationCallback = ServerCertificateException.Validate },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each wait has its own timeout
    };

    private readonly ArrayBufferWriter<byte> _request = new();
    private GitSmartSubtransportAction _action;
    private HttpResponseMessage? _response;
    private Stream? _body;

    private string Host => Address.Host;

    /// <summary>The user name that a host expects with a token. GitHub, GitLab and Azure DevOps accept any; Bitbucket Cloud accepts one for its access tokens.</summary>
    internal static string UserOf(string host) => host == "bitbucket.org" ? "x-token-auth" : "x-access-token";

    // The token as it is sent is a credential, too.
    public override string Quote(string text) => base.Quote(_authorization is { Parameter: { } sent } ? text.Replace(sent, "(redacted)", StringComparison.Ordinal) : text);

    public override void BeginRequest(GitSmartSubtransportAction action)
    {
        EndConversation();
        _action = action;
    }

    // The request is sent when its response is read: libgit2 writes all of it first.
    public override void Send(ReadOnlySpan<byte> data) => _request.Write(data);

    // libgit2 calls synchronously.
    public override int Receive(Memory<byte> buffer) => ReceiveAsync(buffer).GetAwaiter().GetResult();

    public override void EndConversation()
    {
        _body?.Dispose();
        _response?.Dispose();
        (_body, _response) = (null, null);
        _request.ResetWrittenCount();
    }

    public override void Dispose()
    {
        base.Dispose();
        _http.Dispose();
    }

    private async Task<int> ReceiveAsync(Memory<byte> buffer)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Options.IdleTimeout);
        try
        {
            _response ??= await SendAsync(limit.Token);
            _body ??= await _response.Content.ReadAsStreamAsync(limit.Token);
            return await _body.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException late) when (!Cancellation.IsCancellationRequested)
        {
            throw new TransientGitException($"The server of {Address} sent nothing for {Options.IdleTimeout.TotalSeconds:0} s: try again later.", late);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw new TransientGitException($"The connection to {Address} broke: try again later.", broken);
        }
    }

    /// <exception cref="JobException">The server did not respond, or not as a Git server.</exception>
    private async Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken)
    {
        var name = _action.Program();
        var root = $"https://{Host}:{Address.Port}{Address.Path}";
        using var request = _action.IsListing()
            ? new HttpRequestMessage(HttpMethod.Get, $"{root}/info/refs?service={name}")
            : new HttpRequestMessage(HttpMethod.Post, $"{root}/{name}") { Content = new ReadOnlyMemoryContent(_request.WrittenMemory) };
        request.Headers.Authorization = _authorization;
        request.Headers.UserAgent.ParseAdd("git/2.0 (clustertrust-oidc)");
        if (request.Content is not null)
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue($"application/x-{name}-request");
            request.Headers.Accept.ParseAdd($"application/x-{name}-result");
        }

        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw Unreachable(failure, request.RequestUri!);
        }

        var expected = $"application/x-{name}-{(_action.IsListing() ? "advertisement" : "result")}";
        if (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType == expected)
        {
            return response;
        }

        using (response)
        {
            throw await ExplainAsync(response, cancellationToken);
        }
    }

    private JobException Unreachable(HttpRequestException failure, Uri url) => failure switch
    {
        _ when ProxyFault.Unusable(failure, url) is { } unusable => Usage($"The proxy on the way to {Host} {unusable}.", failure),
        _ when ProxyFault.Unreachable(failure, url) is { } unreachable => new TransientGitException($"The proxy {unreachable}.", failure),
        _ when TlsFault.Of(failure) is { } insecure => Usage($"The server {Host} {insecure}.", failure),
        { HttpRequestError: HttpRequestError.ProxyTunnelError } => new TransientGitException(
            $"The proxy in HTTPS_PROXY refused the connection to {Host} ({ServerText.Quote(failure.Message)}): check HTTPS_PROXY and NO_PROXY.", failure),
        _ => new TransientGitException(
            $"The server {Host}:{Address.Port} cannot be reached ({ServerText.Quote(failure.Message)}): check the address, the network policy and the proxy settings.", failure),
    };

    private async Task<JobException> ExplainAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType is "text/plain")
        {
            AddOutput(await StartOfAsync(response.Content, cancellationToken));
        }

        var quote = OutputSentence;
        return response.StatusCode switch
        {
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError when ServerRefusal.CauseOf(Output, Address) is { } cause => Usage($"{cause} ({status}).{quote}"),
            HttpStatusCode.Unauthorized when _authorization is null =>
                Usage($"The repository {Address} requires credentials (401): set a token, or use ssh:// with a deploy key.{quote}"),
            // Azure DevOps answers with its sign-in page and the status 203.
            HttpStatusCode.Unauthorized or HttpStatusCode.NonAuthoritativeInformation =>
                Usage($"The repository {Address} refused the token ({status}): it is invalid, expired or revoked.{quote}"),
            HttpStatusCode.Forbidden =>
                Usage($"The token may not {(_action.IsPush() ? "write to" : "read")} the repository {Address} (403): grant it that permission.{quote}"),
            HttpStatusCode.NotFound =>
                Usage($"There is no repository {Address}, or it is hidden from these credentials (404): correct the address, or grant the token access.{quote}"),
            >= HttpStatusCode.MovedPermanently and < HttpStatusCode.BadRequest =>
                Usage($"The repository {Address} has moved ({status} to {(response.Headers.Location is { } to ? Quote(Sanitizer.Sanitize(to)) : "no location")}): correct the address."),
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError =>
                new TransientGitException($"The server of {Address} answered {status}: try again later.{quote}"),
            HttpStatusCode.OK =>
                Usage($"The response of {Address} is not in the Git protocol ({Quote(response.Content.Headers.ContentType?.ToString() ?? "no content type")}): correct the address."),
            _ => Usage($"The server of {Address} answered {status}: correct the address.{quote}"),
        };
    }

    private static async Task<byte[]> StartOfAsync(HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            var start = new byte[2048];
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            return start[..await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken)];
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            return []; // the status is enough
        }
    }

    private static JobException Usage(string message, Exception? cause = null) => new(message, ExitCode.Usage, cause);
}
