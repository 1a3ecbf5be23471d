using Octokit;

namespace ClusterTrust.Oidc.Repository.GitHub;

internal static class GitHubFaults
{
    /// <summary>Phrases in GitHub's responses when a ruleset or a protected branch refuses a commit.</summary>
    private static readonly string[] BranchRules =
        ["protected branch", "rule violation", "required status check", "approving review", "through a pull request", "verified signatures"];

    /// <summary>The explanation of a fault; null if it is neither GitHub's nor the connection's.</summary>
    public static JobException? Explain(Exception fault, GitHubOptions options, DateTimeOffset now) => fault switch
    {
        ApiException refused when Throttle.DelayOf(refused, now) is { } wait => new JobException(
            $"GitHub's rate limit is used up until {Sentence.Time(now + wait)}: run again then, or less often ({Describe(refused)}).", ExitCode.Failed, refused),
        ApiException refused when (int)refused.StatusCode is >= 500 or 408 => new JobException(
            $"GitHub's API at {options.ApiUrl} still answers {(int)refused.StatusCode} after all retries: run again later ({Describe(refused)}).", ExitCode.Failed, refused),
        // For seconds after GitHub issues a token of an installation, some of its servers answer 401.
        ApiException { StatusCode: HttpStatusCode.Unauthorized } refused when options.App is not null && PolicyOf(MessageOf(refused), options) is null => new JobException(
            $"GitHub still refuses the token that it issued to the App after all retries: run again later ({Describe(refused)}).", ExitCode.Failed, refused),
        ApiException refused => new JobException($"{CauseOf(refused, options)} ({Describe(refused)}).", ExitCode.Usage, refused),
        HttpRequestException http when ProxyFault.Unusable(http, options.ApiUrl) is { } unusable => new JobException(
            $"The proxy on the way to GitHub's API at {options.ApiUrl} {unusable}.", ExitCode.Usage, fault),
        HttpRequestException http when ProxyFault.Unreachable(http, options.ApiUrl) is { } unreachable => new JobException(
            $"The proxy {unreachable}.", ExitCode.Failed, fault),
        HttpRequestException http when TlsFault.Of(http) is { } insecure => new JobException($"GitHub's API at {options.ApiUrl} {insecure}.", ExitCode.Usage, fault),
        HttpRequestException or IOException => new JobException(
            $"GitHub's API at {options.ApiUrl} cannot be reached: check the network, HTTPS_PROXY and the API URL.", ExitCode.Failed, fault),
        JsonException => new JobException(
            $"The response of {options.ApiUrl} is not from GitHub's API, or a proxy changed it: check the API URL and HTTPS_PROXY.", ExitCode.Failed, fault),
        // Octokit throws it after a few redirects.
        InvalidOperationException { Message: var message } when message.Contains("redirect", StringComparison.OrdinalIgnoreCase) => new JobException(
            $"GitHub's API at {options.ApiUrl} redirects in a loop: check the API URL.", ExitCode.Failed, fault),
        OperationCanceledException => new JobException(
            $"GitHub's API at {options.ApiUrl} did not answer within {options.Timeout.TotalSeconds:0.#} seconds: run again later.", ExitCode.Failed, fault),
        _ => null,
    };

    public static string Summary(Exception fault) => fault switch
    {
        ApiException refused => Describe(refused),
        JsonException => "the response is not valid JSON",
        OperationCanceledException => "the request timed out",
        _ => "the connection failed",
    };

    /// <summary>The status and GitHub's message, up to <see cref="ServerText.MaxLength"/> characters of them.</summary>
    public static string Describe(ApiException refused) => MessageOf(refused) is { Length: > 0 } message
        ? $"GitHub answered {(int)refused.StatusCode}: '{ServerText.Quote(message)}'"
        : $"HTTP status {(int)refused.StatusCode}";

    /// <summary>The message in an error's body, on one line; empty when there is none.</summary>
    // Octokit parses error bodies by reflection, so under NativeAOT its message is the raw JSON.
    public static string MessageOf(ApiException refused)
    {
        if (refused.HttpResponse?.Body is not string body)
        {
            return "";
        }

        try
        {
            var message = JsonSerializer.Deserialize(body, GitHubJson.Default.Problem)?.Message ?? "";
            return string.Join(' ', message.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        catch (JsonException)
        {
            return "";
        }
    }

    /// <summary>The cause of a refusal by a policy, or by the state of an account or repository, by GitHub's message; null for others.</summary>
    public static string? PolicyOf(string message, GitHubOptions options)
    {
        var repository = $"{options.Owner}/{options.Name}";
        return HostPolicies.CauseOf(message, repository, repository)
            ?? (BranchRules.Any(rule => message.Contains(rule, StringComparison.OrdinalIgnoreCase))
                ? $"A rule protects the branch of {repository}: allow this token or App to bypass the rule, meet it (for example with signed commits), or publish to another branch"
                : null);
    }

    private static string CauseOf(ApiException refused, GitHubOptions options)
    {
        var repository = $"{options.Owner}/{options.Name}";
        var message = MessageOf(refused);
        return refused.StatusCode switch
        {
            HttpStatusCode.UnavailableForLegalReasons => $"The repository {repository} is blocked for legal reasons",
            _ when PolicyOf(message, options) is { } policy => policy,
            // GitHub always sends the reason for a refusal.
            _ when message.Length == 0 =>
                $"The response of {options.ApiUrl} is not from GitHub's API, or a proxy changed it: check the API URL (of GitHub Enterprise Server: https://HOST/api/v3/) and HTTPS_PROXY",
            HttpStatusCode.Unauthorized =>
                "GitHub does not accept the token: it is invalid, expired or revoked; set a new one",
            HttpStatusCode.Forbidden =>
                $"The token may not write to {repository}: grant it the permission Contents: write (a classic token: the scope repo)",
            HttpStatusCode.NotFound =>
                $"There is no repository {repository} at {options.ApiUrl} that the token may read and write: correct --repository, or grant the token access "
                + "(Contents: write); the API URL of GitHub Enterprise Server ends in /api/v3/",
            _ => $"GitHub refused the request for {repository}: correct what its message names",
        };
    }
}

/// <summary>Recognizes refusals by a rate limit, and how long it lasts.</summary>
internal static class Throttle
{
    // GitHub's documentation requires this if no header gives a time.
    private static readonly TimeSpan Unnamed = TimeSpan.FromSeconds(60);

    /// <returns>How long to wait; null if no rate limit is the cause.</returns>
    // Octokit recognizes some of these cases by the wording of the body, and 429 not at all; the headers are documented.
    public static TimeSpan? DelayOf(ApiException refused, DateTimeOffset now)
    {
        if (refused.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            return null;
        }

        if (Header(refused.HttpResponse, "Retry-After") is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        if (RequestsLeft(refused.HttpResponse) == 0
            && long.TryParse(Header(refused.HttpResponse, "X-RateLimit-Reset"), NumberStyles.None, CultureInfo.InvariantCulture, out var reset)
            && reset < DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            // A second more: the reset is rounded down.
            var wait = DateTimeOffset.FromUnixTimeSeconds(reset + 1) - now;
            return wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);
        }

        return refused.StatusCode == HttpStatusCode.TooManyRequests
            || (GitHubFaults.MessageOf(refused) is var message
                && (message.Contains("rate limit", StringComparison.OrdinalIgnoreCase) || message.Contains("abuse detection", StringComparison.OrdinalIgnoreCase)))
            ? Unnamed : null;
    }

    /// <returns>How many requests GitHub still allows in this hour, or null if the response does not contain it.</returns>
    public static long? RequestsLeft(IResponse? response) =>
        long.TryParse(Header(response, "X-RateLimit-Remaining"), NumberStyles.None, CultureInfo.InvariantCulture, out var left) ? left : null;

    private static string? Header(IResponse? response, string name) => response?.Headers
        .FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
}
