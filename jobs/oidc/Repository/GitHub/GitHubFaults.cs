using System.Globalization;
using System.Net;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Repository.GitHub;

/// <summary>GitHub refused a request. The message has the status and GitHub's text.</summary>
/// <param name="text">The message in the error's body, on one line; empty when there is none.</param>
/// <param name="limitEndsAt">When the rate limit ends that is the cause; null for another cause.</param>
internal sealed class GitHubException(HttpStatusCode statusCode, string text, DateTimeOffset? limitEndsAt = null)
    : Exception($"GitHub answered {(int)statusCode}{(text.Length > 0 ? $": '{ServerText.Quote(text)}'" : "")}")
{
    public HttpStatusCode StatusCode => statusCode;

    public string Text => text;

    public DateTimeOffset? LimitEndsAt => limitEndsAt;

    public static GitHubException Of(HttpResponseMessage answer, byte[] body, DateTimeOffset now)
    {
        var text = TextOf(body);
        return new GitHubException(answer.StatusCode, text, LimitEndOf(answer, text, now));
    }

    /// <returns>How many requests GitHub still allows in this hour, or null when it does not say.</returns>
    public static long? RequestsLeft(HttpResponseMessage answer) => Number(answer, "X-RateLimit-Remaining");

    private static string TextOf(byte[] body)
    {
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

    private static DateTimeOffset? LimitEndOf(HttpResponseMessage answer, string text, DateTimeOffset now) => answer.StatusCode switch
    {
        not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests) => null,
        _ when Number(answer, "Retry-After") is { } seconds and <= int.MaxValue => now.AddSeconds(seconds),
        // A second more: the reset is rounded down.
        _ when RequestsLeft(answer) == 0 && Number(answer, "X-RateLimit-Reset") is { } reset && reset < DateTimeOffset.MaxValue.ToUnixTimeSeconds() =>
            DateTimeOffset.FromUnixTimeSeconds(reset + 1) is var end && end > now ? end : now.AddSeconds(1),
        // What GitHub asks for if it names no time.
        HttpStatusCode.TooManyRequests => now.AddMinutes(1),
        _ => GitHubFaults.Says(text, "rate limit") || GitHubFaults.Says(text, "abuse detection") ? now.AddMinutes(1) : null,
    };

    private static long? Number(HttpResponseMessage answer, string header) => answer.Headers.NonValidated.TryGetValues(header, out var values)
        && long.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

internal static class GitHubFaults
{
    /// <summary>The explanation of a fault; null if it is neither GitHub's nor the connection's.</summary>
    public static JobException? Explain(Exception fault, GitHubOptions options)
    {
        var api = $"GitHub's API at {options.ApiUrl}";
        return fault switch
        {
            GitHubException { LimitEndsAt: { } end } => Fault($"GitHub's rate limit is used up until {Sentence.Time(end)}: run again then, or less often ({fault.Message})"),
            GitHubException { StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout } refused =>
                Fault($"{api} still answers {(int)refused.StatusCode} after all retries: run again later ({fault.Message})"),
            GitHubException refused => Fault($"{CauseOf(refused, options)} ({fault.Message})", ExitCode.Usage),
            HttpRequestException http when ProxyFault.Unusable(http, options.ApiUrl) is { } wanted => Fault($"The proxy on the way to {api} {wanted}", ExitCode.Usage),
            HttpRequestException http when ProxyFault.Unreachable(http, options.ApiUrl) is { } missing => Fault($"The proxy {missing}"),
            HttpRequestException http when TlsFault.Of(http) is { } insecure => Fault($"{api} {insecure}", ExitCode.Usage),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => Fault($"{api} answers with more than {GitHubApi.MaxBodyBytes} bytes: check the API URL"),
            HttpRequestException or IOException => Fault($"{api} cannot be reached: check the network, HTTPS_PROXY and the API URL"),
            JsonException or InvalidDataException => Fault($"The answer of {options.ApiUrl} is not GitHub's API, or a proxy changed it: check the API URL and HTTPS_PROXY"),
            OperationCanceledException => Fault($"{api} did not answer within {options.Timeout.TotalSeconds:0.#} seconds: run again later"),
            _ => null,
        };

        JobException Fault(string sentence, ExitCode exitCode = ExitCode.Failed) => new(sentence + ".", exitCode, fault);
    }

    public static string Summary(Exception fault) => fault switch
    {
        GitHubException => fault.Message,
        JsonException => "the answer is not valid JSON",
        OperationCanceledException => "the request timed out",
        _ => "the connection failed",
    };

    public static bool Says(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>The cause of a refusal by a policy, or by the state of an account or repository, as GitHub words it; null for others.</summary>
    public static string? PolicyOf(string message, GitHubOptions options)
    {
        var repository = $"{options.Owner}/{options.Name}";
        return HostPolicies.CauseOf(message, repository, repository)
            ?? (Says(message, "protected branch") || Says(message, "rule violation")
                ? $"A rule protects the branch of {repository}: allow this token or App to bypass the rule, meet it (for example with signed commits), or publish to another branch"
                : null);
    }

    private static string CauseOf(GitHubException refused, GitHubOptions options)
    {
        var repository = $"{options.Owner}/{options.Name}";
        return refused.StatusCode switch
        {
            HttpStatusCode.UnavailableForLegalReasons => $"The repository {repository} is blocked for legal reasons",
            _ when PolicyOf(refused.Text, options) is { } policy => policy,
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
