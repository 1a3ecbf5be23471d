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
