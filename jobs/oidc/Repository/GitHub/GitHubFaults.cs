using System.Globalization;
using System.Net;
using System.Text.Json;
using ClusterTrust.Hosting;
using Octokit;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Says in a sentence what GitHub refused, and what to do.</summary>
internal static class GitHubFaults
{
    /// <summary>The sentence for a fault, or null when the fault is not one of GitHub's or of the way there.</summary>
    public static JobException? Explain(Exception fault, GitHubOptions options, DateTimeOffset now) => fault switch
    {
        ApiException refused when Throttle.DelayOf(refused, now) is { } wait => new JobException(
            $"GitHub's rate limit is used up until {now + wait:yyyy-MM-dd'T'HH:mm:ss'Z'}: run again then, or less often ({Describe(refused)}).", ExitCode.Failed, refused),
        ApiException refused when (int)refused.StatusCode is >= 500 or 408 => new JobException(
            $"GitHub's API at {options.ApiUrl} answers {(int)refused.StatusCode} time and again: run again later ({Describe(refused)}).", ExitCode.Failed, refused),
        ApiException refused => new JobException($"{CauseOf(refused, options)} ({Describe(refused)}).", ExitCode.Usage, refused),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new JobException(
            $"GitHub's API at {options.ApiUrl} shows a certificate that is not trusted here: set SSL_CERT_FILE to the CA that issued it.", ExitCode.Usage, fault),
        HttpRequestException http when ProxyFault.CredentialsWanted(http) is { } wanted => new JobException(
            $"The proxy on the way to GitHub's API at {options.ApiUrl} {wanted}.", ExitCode.Usage, fault),
        HttpRequestException http when ProxyFault.Unreachable(http, options.ApiUrl) is { } missing => new JobException(
            $"The proxy {missing}.", ExitCode.Failed, fault),
        HttpRequestException or IOException => new JobException(
            $"GitHub's API at {options.ApiUrl} cannot be reached: check the network, HTTPS_PROXY and the API URL.", ExitCode.Failed, fault),
        JsonException => new JobException(
            $"What answers at {options.ApiUrl} is not GitHub's API, or something on the way changes its answers: check the API URL and HTTPS_PROXY.", ExitCode.Failed, fault),
        // Octokit's, after a few redirects.
        InvalidOperationException { Message: var message } when message.Contains("redirect", StringComparison.OrdinalIgnoreCase) => new JobException(
            $"GitHub's API at {options.ApiUrl} redirects without end: check the API URL, and what answers there.", ExitCode.Failed, fault),
        OperationCanceledException => new JobException(
            $"GitHub's API at {options.ApiUrl} does not answer within {options.Timeout.TotalSeconds:0.#} seconds: run again later.", ExitCode.Failed, fault),
        _ => null,
    };

    /// <summary>A fault in a few words, for the log.</summary>
    public static string Summary(Exception fault) => fault switch
    {
        ApiException refused => Describe(refused),
        JsonException => "the answer is not GitHub's",
        OperationCanceledException => "there was no answer in time",
        _ => "the connection failed",
    };

    /// <summary>The status and GitHub's own words, up to <see cref="ServerText.MaxLength"/> characters of them.</summary>
    public static string Describe(ApiException refused) => MessageOf(refused) is { Length: > 0 } message
        ? $"GitHub answers {(int)refused.StatusCode}, '{ServerText.Quote(message)}'"
        : $"GitHub answers {(int)refused.StatusCode}";

    /// <summary>The message in an error's body, on one line; empty when there is none.</summary>
    // Octokit parses error bodies by reflection, so its own message is the raw JSON in a natively compiled program.
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

    /// <summary>
    /// The sentence for a refusal that a policy or the state of an account or a repository causes, by GitHub's own wording; null for others.
    /// </summary>
    public static string? PolicyOf(string message, GitHubOptions options)
    {
        var (owner, repository) = (options.Owner, $"{options.Owner}/{options.Name}");
        var credentials = options.App is null ? "token" : "App";
        return message switch
        {
            _ when Has("IP allow list") =>
                $"The organization {owner} admits only the IP addresses of its allow list, and the address from which this pod reaches GitHub is not on it: add that address to the list",
            _ when Has("forbids access") && Has("lifetime") =>
                $"The token lives longer than the organization {owner} or its enterprise allows: shorten its lifetime in the token's settings, or make a new token",
            _ when Has("forbids access") && Has("(classic)") =>
                $"The organization {owner} or its enterprise forbids classic personal access tokens: use a fine-grained token or a GitHub App",
            _ when Has("forbids access") =>
                $"The organization {owner} or its enterprise forbids this kind of token: use another kind, or a GitHub App",
            _ when Has("OAuth App access restrictions") =>
                $"The organization {owner} restricts OAuth apps, and the token belongs to one: let an owner approve it, or use a fine-grained token or a GitHub App",
            _ when Has("SAML") || Has("single sign-on") =>
                $"The {credentials} is not authorized for the organization {owner}: authorize it for single sign-on in {(options.App is null ? "the token's settings" : "the App's installation")}",
            _ when Has("was archived") || Has("is archived") => $"The repository {repository} is archived and read-only: unarchive it in its settings, or publish to another one",
            _ when Has("installation has been suspended") => $"The installation of the GitHub App on {owner} is suspended: unsuspend it in the organization's settings",
            _ when Has("repository") && (Has("is disabled") || Has("been disabled") || Has("access blocked")) =>
                $"The repository {repository} is disabled: its owner has to settle that with GitHub's support",
            _ when Has("account") && (Has("suspended") || Has("is disabled") || Has("flagged")) =>
                "The account is suspended or disabled: settle that with GitHub's support or the administrator, or use credentials of another account",
            _ when Has("protected branch") || Has("rule violation") => Protected(repository),
            _ => null,
        };

        bool Has(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static string CauseOf(ApiException refused, GitHubOptions options)
    {
        var repository = $"{options.Owner}/{options.Name}";
        var message = MessageOf(refused);
        return refused.StatusCode switch
        {
            HttpStatusCode.UnavailableForLegalReasons => $"The repository {repository} is blocked for legal reasons",
            _ when PolicyOf(message, options) is { } policy => policy,
            HttpStatusCode.Unauthorized =>
                "GitHub does not accept the token: it is wrong, expired or revoked; set a new one",
            HttpStatusCode.Forbidden =>
                $"The token may not write to {repository}: give it the permission Contents: write (a classic token the scope repo)",
            HttpStatusCode.NotFound =>
                $"There is no repository {repository} at {options.ApiUrl} that the token may see and write: correct --repository, or give the token access "
                + "(Contents: write); the API URL of GitHub Enterprise Server ends in /api/v3/",
            _ => $"GitHub refused the request for {repository}: see what it says and correct that",
        };
    }

    private static string Protected(string repository) =>
        $"A rule protects the branch of {repository}: let this token or App bypass the rule, satisfy it (signed commits, say), or publish to another branch";
}

/// <summary>Tells a rate limit's refusal from others, and how long it lasts.</summary>
internal static class Throttle
{
    // What GitHub asks for where it names no time.
    private static readonly TimeSpan Unnamed = TimeSpan.FromSeconds(60);

    /// <returns>How long to wait, or null when it is no rate limit that refused.</returns>
    // Octokit's exceptions tell some of these cases by the wording of the body, and 429 not at all; the headers are documented.
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
            || GitHubFaults.MessageOf(refused).Contains("rate limit", StringComparison.OrdinalIgnoreCase) ? Unnamed : null;
    }

    /// <returns>How many requests GitHub still allows in this hour, or null when it does not say.</returns>
    public static long? RequestsLeft(IResponse? answer) =>
        long.TryParse(Header(answer, "X-RateLimit-Remaining"), NumberStyles.None, CultureInfo.InvariantCulture, out var left) ? left : null;

    private static string? Header(IResponse? answer, string name) => answer?.Headers
        .FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
}
