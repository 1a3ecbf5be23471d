using ClusterTrust.Telemetry;
using Octokit;
using Octokit.Internal;
using Polly;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>
/// One repository by GitHub's REST API, through Octokit's connection. Temporary faults are retried: dropped connections, timeouts, broken
/// responses, server errors and short rate limits. Every request is safe to repeat. Paths are relative to the repository's own.
/// </summary>
internal sealed class GitHubApi : IDisposable
{
    public const string Accept = "application/vnd.github+json";

    /// <summary>How long a run waits for rate limits in total, within the Job's deadline; then it fails with the time at which the limit ends.</summary>
    private static readonly TimeSpan MaxRateLimitWait = TimeSpan.FromSeconds(120);

    private readonly GitHubOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClientAdapter _http;
    private readonly Connection _connection;
    private readonly ResiliencePipeline _retries;
    private TimeSpan _waited;

    public GitHubApi(GitHubOptions options, TimeProvider clock, ILogger logger, Func<HttpMessageHandler> handler)
    {
        (_options, _clock) = (options, clock);
        _http = new HttpClientAdapter(() => new ResponseCheck(options.ApiUrl, handler()));
        _http.SetRequestTimeout(options.Timeout);
        _connection = Connect(options.App is null
            ? new TokenCredentials(options.Token, options.TokenFile is { } file ? new SecretFile(file, "GitHub token", "--token-file", logger) : null)
            : new AppCredentials(options, Connect, clock, logger));
        _retries = Retries.Of(
            clock,
            options.Retries,
            options.RetryDelay,
            IsTransient,
            fault => fault is ApiException refused ? Throttle.DelayOf(refused, clock.GetUtcNow()) : null,
            (_, delay, fault) =>
            {
                _waited += fault is ApiException refused && Throttle.DelayOf(refused, clock.GetUtcNow()) is not null ? delay : TimeSpan.Zero;
                var summary = GitHubFaults.Summary(fault);
                Log.Retrying(logger, summary, delay);
            });
    }

    /// <returns>Null if there is no such branch, or no such repository.</returns>
    public Task<BranchInfo?> FindBranchAsync(string name, CancellationToken cancellationToken) =>
        FindAsync<BranchInfo>($"branches/{EscapeBranch(name)}", cancellationToken);

    /// <returns>Null if GitHub answers 404.</returns>
    public async Task<T?> FindAsync<T>(string path, CancellationToken cancellationToken) where T : class
    {
        try
        {
            return await GetAsync<T>(path, cancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    public async Task<string> GetTreeOfAsync(string commit, CancellationToken cancellationToken) =>
        (await GetAsync<CommitInfo>($"git/commits/{CheckId(commit)}", cancellationToken)).Tree?.Sha ?? throw new JsonException("The commit has no tree.");

    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        SendAsync(token => _connection.Get<T>(UriOf(path), null, Accept, token), cancellationToken);

    public Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken) =>
        SendAsync(token => _connection.Post<T>(UriOf(path), body, Accept, null, parameters: null, token), cancellationToken);

    /// <remarks>Not cancelled: Octokit cannot, and the outcome of the change would be unknown.</remarks>
    public Task<T> PatchAsync<T>(string path, object body, CancellationToken cancellationToken) =>
        SendAsync(_ => _connection.Patch<T>(UriOf(path), body), cancellationToken);

    /// <inheritdoc cref="PatchAsync{T}"/>
    public Task<T> PutAsync<T>(string path, object body, CancellationToken cancellationToken) =>
        SendAsync(_ => _connection.Put<T>(UriOf(path), body), cancellationToken);

    public bool IsTransient(Exception fault) => fault is ApiException refused && Throttle.DelayOf(refused, _clock.GetUtcNow()) is { } wait
        ? wait <= MaxRateLimitWait - _waited
        : GitHubFaults.Explain(fault, _options, _clock.GetUtcNow()) is { ExitCode: ExitCode.Failed };

    /// <summary>Whether GitHub refused because of a policy, or of the state of an account or repository.</summary>
    public bool IsPolicy(ApiException refused) => GitHubFaults.PolicyOf(GitHubFaults.MessageOf(refused), _options) is not null;

    /// <summary>A branch's name for a path: escaped except for its slashes, which GitHub accepts as they are.</summary>
    public static string EscapeBranch(string branch) => Uri.EscapeDataString(branch).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>An object id that is safe in a path.</summary>
    public static string CheckId(string sha) =>
        sha.Length > 0 && sha.All(char.IsAsciiLetterOrDigit) ? sha : throw new JsonException("The id of an object is not hexadecimal.");

    public void Dispose() => _http.Dispose();

    private Uri UriOf(string path) => new($"repos/{_options.Owner}/{_options.Name}{(path.Length == 0 ? "" : "/")}{path}", UriKind.Relative);

    private Connection Connect(ICredentialStore credentials)
    {
        var baseUrl = _options.ApiUrl.AbsoluteUri.EndsWith('/') ? _options.ApiUrl : new Uri(_options.ApiUrl.AbsoluteUri + "/");
        return new Connection(new ProductHeaderValue("clustertrust-oidc"), baseUrl, credentials, _http, new GitHubSerializer());
    }

    private async Task<T> SendAsync<T>(Func<CancellationToken, Task<IApiResponse<T>>> send, CancellationToken cancellationToken) =>
        await _retries.ExecuteAsync(
            async token =>
            {
                try
                {
                    var response = await send(token);
                    if (Throttle.RequestsLeft(response.HttpResponse) is { } left)
                    {
                        JobMeter.RecordRequestsLeft(_options.ApiUrl.IdnHost, left);
                    }

                    // Octokit leaves the body empty if the response is not JSON, for example a proxy's page.
                    return response.Body is { } body ? body : throw new JsonException("The response is not JSON.");
                }
                catch (OperationCanceledException) when (token.IsCancellationRequested)
                {
                    throw new OperationCanceledException(token);
                }
            },
            cancellationToken);
}

internal static partial class Log
{
    [LoggerMessage(EventId = 1020, EventName = "GitHubRetry", Level = LogLevel.Information, Message = "GitHub: {Fault}; trying again in {Delay}")]
    public static partial void Retrying(ILogger logger, string fault, TimeSpan delay);

    [LoggerMessage(EventId = 1021, EventName = "GitHubSignatureNotVerified", Level = LogLevel.Warning,
        Message = "GitHub reports the signature of commit {Sha} as unverified: {Reason}")]
    public static partial void NotVerified(ILogger logger, string sha, string reason);
}

/// <summary>
/// Checks every response before Octokit reads it: Octokit follows redirects to other hosts, and to this one without TLS, reads
/// bodies of any length and depth into memory, and throws exceptions of any type at malformed headers.
/// </summary>
internal sealed class ResponseCheck(Uri api, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>The longest body that is read, in bytes: a file of 16 MiB in base64.</summary>
    private const int MaxBodyBytes = 24 * 1024 * 1024;

    private const int MaxErrorDepth = 16;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            if (response.StatusCode is >= HttpStatusCode.Moved and < HttpStatusCode.BadRequest && response.Headers.Location is { } location)
            {
                // GitHub redirects requests for a renamed repository to another path of its API.
                response.Headers.Location = Uri.TryCreate(api, location, out var next) && IsSameServer(next) ? next : throw new JobException(
                    $"GitHub's API at {api} redirects to another server, {Sanitizer.Sanitize(location)}, to which the token must not be sent: correct the API URL, or check which server answers there.",
                    ExitCode.Refused);
            }

            await response.Content.LoadIntoBufferAsync(MaxBodyBytes, cancellationToken);
            if (!response.IsSuccessStatusCode && !await IsShallowJsonAsync(response.Content, cancellationToken))
            {
                response.Content = new ByteArrayContent([]);
            }

            // Octokit does not expect malformed links to other pages, or an encoding that .NET does not support.
            response.Headers.Remove("Link");
            if (response.Content.Headers.ContentType is { } type)
            {
                type.CharSet = null;
            }

            return response;
        }
        catch (HttpRequestException tooLong) when (tooLong.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            response.Dispose();
            throw new JobException($"GitHub's API at {api} answers with more than {MaxBodyBytes} bytes: check the API URL.", ExitCode.Failed, tooLong);
        }
        catch (InvalidDataException damaged)
        {
            response.Dispose();
            throw new JsonException("The response cannot be decompressed.", damaged);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Octokit's parser of error bodies is recursive, so a deeply nested body would end the process.</summary>
    private static async Task<bool> IsShallowJsonAsync(HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(body, new JsonDocumentOptions { MaxDepth = MaxErrorDepth }, cancellationToken);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool IsSameServer(Uri next) =>
        next.Scheme == api.Scheme && next.Port == api.Port && next.DnsSafeHost.Equals(api.DnsSafeHost, StringComparison.OrdinalIgnoreCase);
}
