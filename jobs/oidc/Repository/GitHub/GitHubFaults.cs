using System.Net;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using Octokit;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>Says in a sentence what GitHub refused, and what to do.</summary>
internal static class GitHubFaults
{
    /// <summary>The sentence for a fault, or null when the fault is not one of GitHub's or of the way there.</summary>
    public static JobException? Explain(Exception fault, GitHubOptions options, DateTimeOffset now) => fault switch
    {
        ApiException refused when Throttle.DelayOf(refused, now) is { } wait => new JobException(
            $"GitHub's rate limit is used up until {now + wait:yyyy-MM-dd'T'HH:mm:ss'Z'}: run again then, or less often ({Said(refused)}).", ExitCode.Failed, refused),
        ApiException refused when (int)refused.StatusCode is >= 500 or 408 => new JobException(
            $"GitHub's API at {options.ApiUrl} answers {(int)refused.StatusCode} time and again: run again later ({Said(refused)}).", ExitCode.Failed, refused),
        ApiException refused => new JobException($"{CauseOf(refused, options)} ({Said(refused)}).", ExitCode.Usage, refused),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new JobException(
            $"GitHub's API at {options.ApiUrl} shows a certificate that is not trusted here: set SSL_CERT_FILE to the CA that issued it.", ExitCode.Usage, fault),
        HttpRequestException http when ProxyFault.CredentialsWanted(http) is { } wanted => new JobException(
            $"The proxy on the way to GitHub's API at {options.ApiUrl} {wanted}.", ExitCode.Usage, fault),
        HttpRequestException http when ProxyFault.Unreachable(http) is { } missing => new JobException(
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
        ApiException refused => Said(refused),
        JsonException => "the answer is not GitHub's",
        OperationCanceledException => "there was no answer in time",
        _ => "the connection failed",
    };

    /// <summary>GitHub's own words.</summary>
    public static string Said(ApiException refused) => MessageOf(refused) is { Length: > 0 } message
        ? $"GitHub answers {(int)refused.StatusCode}, '{Shown.Of(message)}'"
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

    private static string CauseOf(ApiException refused, GitHubOptions options)
    {
        var repository = $"{options.Owner}/{options.Name}";
        var message = MessageOf(refused);
        return refused.StatusCode switch
        {
            HttpStatusCode.Unauthorized =>
                "GitHub does not accept the token: it is wrong, expired or revoked; set a new one",
            HttpStatusCode.Forbidden when Says("archived") =>
                $"The repository {repository} is archived and read-only: unarchive it in its settings, or publish to another one",
            HttpStatusCode.Forbidden when Says("protected branch") => Protected(repository),
            HttpStatusCode.Forbidden when Says("SAML") =>
                $"The token is not authorized for the organization {options.Owner}: authorize it for single sign-on in the token's settings",
            HttpStatusCode.Forbidden =>
                $"The token may not write to {repository}: give it the permission Contents: write (a classic token the scope repo)",
            HttpStatusCode.NotFound =>
                $"There is no repository {repository} at {options.ApiUrl} that the token may see and write: correct --repository, or give the token access "
                + "(Contents: write); the API URL of GitHub Enterprise Server ends in /api/v3/",
            HttpStatusCode.UnprocessableEntity when Says("rule violation") || Says("protected branch") => Protected(repository),
            HttpStatusCode.UnavailableForLegalReasons => $"The repository {repository} is blocked for legal reasons",
            _ => $"GitHub refused the request for {repository}: see what it says and correct that",
        };

        bool Says(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static string Protected(string repository) =>
        $"A rule protects the branch of {repository}: let this token or App bypass the rule, satisfy it (signed commits, say), or publish to another branch";
}
