using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ClusterTrust.Hosting;
using ClusterTrust.Text;
using k8s.Models;

namespace ClusterTrust.Kubernetes;

/// <summary>Turns the answer of a request that failed into one sentence.</summary>
internal static class ServerFault
{
    // A Status body is a few hundred bytes; an ingress or proxy in between may send a whole page.
    private const int MaxBodyBytes = 64 * 1024;

    /// <summary>Reads the body of a failed answer, as far as it helps, and words the fault.</summary>
    /// <param name="response">An answer whose status is not 2xx.</param>
    /// <param name="server">The API server's address.</param>
    /// <param name="identity">Who asked, when that is known.</param>
    /// <param name="clock">Tells how far away a <c>Retry-After</c> date is.</param>
    public static async Task<KubernetesException> ReadAsync(
        HttpResponseMessage response, Uri server, string? identity, TimeProvider clock, CancellationToken cancellation)
    {
        var status = await ReadStatusAsync(response, cancellation);
        var request = response.RequestMessage!;
        var code = response.StatusCode;
        var said = status?.Message is { Length: > 0 } message ? Sanitizer.Sanitize(WithoutToken(message, request)) : null;
        var what = $"{request.Method} {Sanitizer.Sanitize(request.RequestUri!.AbsolutePath)} at {Address(server)}";
        var saying = said is null ? "" : $" ({said})";
        var (sentence, exitCode) = code switch
        {
            HttpStatusCode.Unauthorized => (
                $"The API server {Address(server)} does not accept the credentials{Of(identity)} (401): the token is missing, expired or of another cluster; renew it, or let the pod mount its ServiceAccount token.",
                ExitCode.Failed),
            HttpStatusCode.Forbidden => (
                ForbiddenRule.Parse(status?.Message is { } text ? WithoutToken(text, request) : null)?.Explain(Address(server)) ?? $"{what} is forbidden (403){Of(identity)}{saying}: allow it, or use credentials that may.",
                ExitCode.Usage),
            HttpStatusCode.NotFound => ($"{what} found nothing (404){saying}: create it, or correct its name and namespace.", ExitCode.Failed),
            HttpStatusCode.Conflict => ($"{what} met a conflict (409){saying}: someone else was there first; run again.", ExitCode.Failed),
            HttpStatusCode.Gone => ($"{what} is too late (410){saying}: start the list again.", ExitCode.Failed),
            HttpStatusCode.TooManyRequests => ($"{what} was put off as too many requests (429){saying}: run again later, or raise the API server's priority level for this user.", ExitCode.Failed),
            >= HttpStatusCode.InternalServerError => ($"{what} failed on the server ({(int)code}){saying}: look at the API server's health and run again.", ExitCode.Failed),
            _ => ($"{what} was refused with status {(int)code}{saying}: check that the address is that of a Kubernetes API server and the request is one it knows.", ExitCode.Failed),
        };
        return new KubernetesException(sentence, exitCode)
        {
            Status = code,
            Reason = status?.Reason is { Length: > 0 } reason ? Sanitizer.Sanitize(reason, 100) : null,
            ServerMessage = said,
            Continue = status?.Metadata?.ContinueProperty is { Length: > 0 } token ? token : null,
            RetryAfter = Delay(response.Headers.RetryAfter, clock),
            MayRetry = code is HttpStatusCode.TooManyRequests
                || (MayRepeat(request) && code is (HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)),
        };
    }

    /// <summary>Says of a request that the sender can tell from the answer to a repetition whether the first one was done.</summary>
    public static HttpRequestOptionsKey<bool> Repeatable { get; } = new("repeatable");

    /// <summary>Whether sending a request twice does what sending it once does (RFC 9110 §9.2.2), or does no harm.</summary>
    public static bool MayRepeat(HttpRequestMessage request) =>
        (request.Method != HttpMethod.Post && request.Method != HttpMethod.Patch) || (request.Options.TryGetValue(Repeatable, out var repeatable) && repeatable);

    /// <summary>The address as it stands in messages: never a user name or password somebody put into it.</summary>
    public static string Address(Uri server) => Sanitizer.Sanitize(server);

    // A server may say back what it was sent; a token need not look like one.
    private static string WithoutToken(string message, HttpRequestMessage request) =>
        request.Headers.Authorization?.Parameter is { Length: > 0 } token ? message.Replace(token, "(redacted)", StringComparison.Ordinal) : message;

    private static string Of(string? identity) => identity is null ? "" : $" of {Sanitizer.Sanitize(identity, 200)}";

    private static TimeSpan? Delay(RetryConditionHeaderValue? header, TimeProvider clock)
    {
        var delay = header?.Delta ?? (header?.Date - clock.GetUtcNow());
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    private static async Task<V1Status?> ReadStatusAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBodyBytes, cancellation);
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync(body, KubernetesJson.Default.V1Status, cancellation);
        }
        catch (Exception fault) when (fault is JsonException or HttpRequestException or IOException)
        {
            // The status code says enough: a proxy's page, nothing at all, or half a body.
            return null;
        }
    }
}
