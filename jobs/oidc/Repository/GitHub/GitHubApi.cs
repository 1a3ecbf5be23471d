using System.Net;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Telemetry;
using Microsoft.Extensions.Logging;
using Octokit;
using Octokit.Internal;
using Polly;
using Polly.Retry;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>
/// GitHub's REST API by Octokit's connection. What may pass is repeated: dropped connections, timeouts, broken answers, server errors
/// and short rate limits. Every request made here can be repeated without harm.
/// </summary>
internal sealed class GitHubApi : IDisposable
{
    public const string Accept = "application/vnd.github+json";

    private readonly GitHubOptions options;
    private readonly TimeProvider clock;
    private readonly HttpClientAdapter http;
    private readonly Connection connection;
    private readonly ResiliencePipeline retries;

    public GitHubApi(GitHubOptions options, TimeProvider clock, ILogger logger, Func<HttpMessageHandler> handler)
    {
        (this.options, this.clock) = (options, clock);
        http = new HttpClientAdapter(() => new ResponseCheck(options.ApiUrl, handler()));
        http.SetRequestTimeout(options.Timeout);
        connection = Connect(options.App is null
            ? new TokenCredentials(options.Token, options.TokenFile is { } file ? new SecretFile(file, "GitHub token", "--token-file", logger) : null)
            : new AppCredentials(options, Connect, clock, logger));
        retries = options.Retries == 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(MayPass),
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                MaxDelay = TimeSpan.FromSeconds(15),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                DelayGenerator = args => ValueTask.FromResult(
                    args.Outcome.Exception is ApiException refused ? Throttle.DelayOf(refused, clock.GetUtcNow()) : null),
                OnRetry = args =>
                {
                    if (logger.IsEnabled(LogLevel.Information))
                    {
                        var fault = GitHubFaults.Summary(args.Outcome.Exception!);
                        Log.Retrying(logger, fault, args.RetryDelay);
                    }

                    return default;
                },
            })
            .Build();
    }

    public Task<T> GetAsync<T>(string path, CancellationToken cancellation) =>
        SendAsync(token => connection.Get<T>(UriOf(path), null, Accept, token), cancellation);

    public Task<T> PostAsync<T>(string path, object body, CancellationToken cancellation) =>
        SendAsync(token => connection.Post<T>(UriOf(path), body, Accept, null, parameters: null, token), cancellation);

    /// <remarks>Octokit cannot cancel it; and to give up on a change that is under way would leave its outcome unknown.</remarks>
    public Task<T> PatchAsync<T>(string path, object body, CancellationToken cancellation) =>
        SendAsync(_ => connection.Patch<T>(UriOf(path), body), cancellation);

    /// <inheritdoc cref="PatchAsync{T}"/>
    public Task<T> PutAsync<T>(string path, object body, CancellationToken cancellation) =>
        SendAsync(_ => connection.Put<T>(UriOf(path), body), cancellation);

    /// <summary>Whether another attempt may succeed where this one failed.</summary>
    public bool MayPass(Exception fault) => fault switch
    {
        ApiException refused => Throttle.DelayOf(refused, clock.GetUtcNow()) is { } wait
            ? wait <= options.MaxRateLimitWait
            : refused.StatusCode is HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError,
        HttpRequestException http when ProxyFault.CredentialsWanted(http) is not null => false,
        // Octokit's timeout comes as a cancellation; the caller's own has ended the attempts before this is asked.
        HttpRequestException or IOException or JsonException or OperationCanceledException => true,
        _ => false,
    };

    /// <summary>A branch's name for a path: everything but its slashes escaped, which GitHub takes as they are.</summary>
    public static string EscapeBranch(string branch) => Uri.EscapeDataString(branch).Replace("%2F", "/", StringComparison.Ordinal);

    public void Dispose() => http.Dispose();

    private static Uri UriOf(string path) => new(path, UriKind.Relative);

    private Connection Connect(ICredentialStore credentials)
    {
        var baseUrl = options.ApiUrl.AbsoluteUri.EndsWith('/') ? options.ApiUrl : new Uri(options.ApiUrl.AbsoluteUri + "/");
        return new Connection(new ProductHeaderValue("clustertrust-oidc"), baseUrl, credentials, http, new GitHubSerializer());
    }

    private async Task<T> SendAsync<T>(Func<CancellationToken, Task<IApiResponse<T>>> send, CancellationToken cancellation) =>
        await retries.ExecuteAsync(
            async token =>
            {
                try
                {
                    var answer = await send(token);
                    if (Throttle.RequestsLeft(answer.HttpResponse) is { } left)
                    {
                        JobMeter.RecordRequestsLeft(options.ApiUrl.IdnHost, left);
                    }

                    // Octokit leaves the body empty where the answer is not JSON: a proxy's page, say.
                    return answer.Body is { } body ? body : throw new JsonException("The answer is not JSON.");
                }
                catch (OperationCanceledException) when (token.IsCancellationRequested)
                {
                    throw new OperationCanceledException(token);
                }
            },
            cancellation);
}

/// <summary>The log events of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1020, EventName = "GitHubRetry", Level = LogLevel.Information, Message = "GitHub: {Fault}; trying again in {Delay}")]
    public static partial void Retrying(ILogger logger, string fault, TimeSpan delay);

    [LoggerMessage(EventId = 1021, EventName = "GitHubSignatureNotVerified", Level = LogLevel.Warning,
        Message = "GitHub does not show the signed commit {Sha} as verified: {Reason}")]
    public static partial void NotVerified(ILogger logger, string sha, string reason);
}
