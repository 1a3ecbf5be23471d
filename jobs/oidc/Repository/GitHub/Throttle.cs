using System.Globalization;
using System.Net;
using Octokit;

namespace ClusterTrust.Oidc.Repository.GitHub;

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

        if (Header(refused, "Retry-After") is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        if (Header(refused, "X-RateLimit-Remaining") == "0"
            && long.TryParse(Header(refused, "X-RateLimit-Reset"), NumberStyles.None, CultureInfo.InvariantCulture, out var reset)
            && reset < DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            // A second more: the reset is rounded down.
            var wait = DateTimeOffset.FromUnixTimeSeconds(reset + 1) - now;
            return wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);
        }

        return refused.StatusCode == HttpStatusCode.TooManyRequests
            || GitHubFaults.MessageOf(refused).Contains("rate limit", StringComparison.OrdinalIgnoreCase) ? Unnamed : null;
    }

    private static string? Header(ApiException refused, string name) => refused.HttpResponse?.Headers
        .FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
}
