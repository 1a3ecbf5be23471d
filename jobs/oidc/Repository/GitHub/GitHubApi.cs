using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Telemetry;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;
using Polly;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>
/// One repository by GitHub's REST API. Temporary faults are retried: dropped connections, timeouts, broken answers, server errors and
/// short rate limits. Every request is safe to repeat. Paths are relative to the repository's own.
/// </summary>
internal sealed class GitHubApi : IDisposable
{
    /// <summary>The longest body that is read, in bytes: a file of 16 MiB in base64.</summary>
    public const int MaxBodyBytes = 24 * 1024 * 1024;

    private const int MaxRedirects = 3;

    /// <summary>How long to wait for a rate limit; if it lasts longer, the run fails and names its end.</summary>
    private static readonly TimeSpan MaxRateLimitWait = TimeSpan.FromSeconds(60);

    private readonly GitHubOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;
    private readonly GitHubCredentials _credentials;
    private readonly ResiliencePipeline _retries;

    /// <param name="handler">Sends the requests without following redirects.</param>
    public GitHubApi(GitHubOptions options, TimeProvider clock, ILogger logger, HttpMessageHandler handler)
    {
        (_options, _clock) = (options, clock);
        _credentials = new GitHubCredentials(options, this, clock, logger);
        _http = new HttpClient(handler)
        {
            BaseAddress = options.ApiUrl.AbsoluteUri.EndsWith('/') ? options.ApiUrl : new Uri(options.ApiUrl.AbsoluteUri + "/"),
            Timeout = options.Timeout,
            MaxResponseContentBufferSize = MaxBodyBytes,
            DefaultRequestHeaders = { { "Accept", "application/vnd.github+json" }, { "User-Agent", "clustertrust-oidc" } },
        };
        _retries = Retries.Of(
            clock,
            options.Retries,
            options.RetryDelay,
            IsTransient,
            fault => (fault as GitHubException)?.LimitEndsAt - clock.GetUtcNow(),
            (_, delay, fault) => Log.Retrying(logger, GitHubFaults.Summary(fault), delay));
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
        catch (GitHubException missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<string> GetTreeOfAsync(string commit, CancellationToken cancellationToken) =>
        (await GetAsync<CommitInfo>($"git/commits/{CheckId(commit)}", cancellationToken)).Tree?.Sha ?? throw new JsonException("The commit has no tree.");

    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        await _retries.ExecuteAsync(
            async token => await SendOnceAsync<T>(
                method, $"repos/{_options.Owner}/{_options.Name}{(path.Length == 0 ? "" : "/")}{path}", body, await _credentials.GetTokenAsync(token), token),
            cancellationToken);

    /// <summary>Sends a request without retries.</summary>
    /// <param name="path">The path below the API's own.</param>
    /// <exception cref="GitHubException">GitHub refused it.</exception>
    /// <exception cref="JsonException">The answer is not one of GitHub's API.</exception>
    public async Task<T> SendOnceAsync<T>(HttpMethod method, string path, object? body, string token, CancellationToken cancellationToken)
    {
        var url = new Uri(_http.BaseAddress!, path);
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(method, url);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            request.Content = body is null ? null
                : new StringContent(JsonSerializer.Serialize(body, body.GetType(), GitHubJson.Default), Encoding.UTF8, "application/json");
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode is >= HttpStatusCode.Moved and < HttpStatusCode.BadRequest && response.Headers.Location is { } location)
            {
                // GitHub redirects requests for a renamed repository to another path of its API.
                url = Uri.TryCreate(url, location, out var next) && IsOfApi(next) ? next : throw new JobException(
                    $"GitHub's API at {_options.ApiUrl} redirects to another server, {Sanitizer.Sanitize(location)}, to which the token must not be sent: correct the API URL, or check which server answers there.",
                    ExitCode.Refused);
                continue;
            }

            var content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw GitHubException.Of(response, content, _clock.GetUtcNow());
            }

            if (GitHubException.RequestsLeft(response) is { } left)
            {
                JobMeter.RecordRequestsLeft(_options.ApiUrl.IdnHost, left);
            }

            return response.Content.Headers.ContentType?.MediaType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true
                && JsonSerializer.Deserialize(content, typeof(T), GitHubJson.Default) is T answer
                ? answer
                : throw new JsonException("The answer is not JSON.");
        }

        throw new JobException($"GitHub's API at {_options.ApiUrl} redirects in a loop: check the API URL.");
    }

    public bool IsTransient(Exception fault) => fault is GitHubException { LimitEndsAt: { } end }
        ? end - _clock.GetUtcNow() <= MaxRateLimitWait
        : GitHubFaults.Explain(fault, _options) is { ExitCode: ExitCode.Failed };

    /// <summary>Whether a policy, or the state of an account or repository, is why GitHub refused.</summary>
    public bool IsPolicy(GitHubException refused) => GitHubFaults.PolicyOf(refused.Text, _options) is not null;

    /// <summary>A branch's name for a path: everything but its slashes escaped, which GitHub takes as they are.</summary>
    public static string EscapeBranch(string branch) => Uri.EscapeDataString(branch).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>An object id that is safe in a path.</summary>
    public static string CheckId(string sha) =>
        sha.Length > 0 && sha.All(char.IsAsciiLetterOrDigit) ? sha : throw new JsonException("The id of an object is not hexadecimal.");

    public void Dispose() => _http.Dispose();

    private bool IsOfApi(Uri next) => next.Scheme == _options.ApiUrl.Scheme && next.Port == _options.ApiUrl.Port
        && next.DnsSafeHost.Equals(_options.ApiUrl.DnsSafeHost, StringComparison.OrdinalIgnoreCase);
}

internal static partial class Log
{
    [LoggerMessage(EventId = 1020, EventName = "GitHubRetry", Level = LogLevel.Information, Message = "GitHub: {Fault}; trying again in {Delay}")]
    public static partial void Retrying(ILogger logger, string fault, TimeSpan delay);

    [LoggerMessage(EventId = 1021, EventName = "GitHubSignatureNotVerified", Level = LogLevel.Warning,
        Message = "GitHub reports the signature of commit {Sha} as unverified: {Reason}")]
    public static partial void NotVerified(ILogger logger, string sha, string reason);
}
