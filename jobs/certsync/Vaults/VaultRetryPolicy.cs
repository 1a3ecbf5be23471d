using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// The SDK's retries (408, 429, 5xx, failed connections; <c>Retry-After</c> is honoured up to <see cref="VaultSettings.MaximumWait"/>, because
/// other vaults wait too), except for a host name that does not exist and a proxy that requires a password or whose certificate is not accepted, which no retry fixes, and for
/// an import that may have succeeded: <see cref="Importer"/> checks that first. A rejected token is sent once more.
/// </summary>
internal sealed class VaultRetryPolicy(VaultSettings settings)
    : RetryPolicy(settings.Retries, DelayStrategy.CreateExponentialDelayStrategy(settings.RetryDelay, 16 * settings.RetryDelay))
{
    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        IsFirstRejection(message, exception) || (MayRetry(message, exception) && await base.ShouldRetryAsync(message, exception));

    private bool MayRetry(HttpMessage message, Exception? exception) =>
        ConnectionFault.Of(exception, message.Request.Uri.ToUri()) is not ({ IsUnknownHost: true } or { IsConfiguration: true })
        && !MayHaveSucceeded(message) && !(message.HasResponse && DelayOf(message.Response) > settings.MaximumWait);

    /// <summary>The wait that a server requests, in the headers that the SDK reads; null if none has it.</summary>
    internal static TimeSpan? DelayOf(Response response)
    {
        foreach (var (name, unit) in new[] { ("retry-after-ms", 1), ("x-ms-retry-after-ms", 1), ("Retry-After", 1000) })
        {
            var value = response.Headers.TryGetValue(name, out var text) ? text : "";
            if (double.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 0)
            {
                return TimeSpan.FromMilliseconds(Math.Min(count * unit, int.MaxValue));
            }

            if (DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out var date))
            {
                return date - DateTimeOffset.UtcNow;
            }
        }

        return null;
    }

    /// <summary>Whether a token was rejected for the first time: a vault may accept a new identity's token a moment later.</summary>
    private bool IsFirstRejection(HttpMessage message, Exception? exception) =>
        exception is null && message.HasResponse && message.Response.Status == 401 && message.Request.Headers.Contains("Authorization")
        && message.ProcessingContext.RetryNumber == 0 && settings.Retries > 0;

    /// <summary>Whether it is an import without a definite refusal.</summary>
    private static bool MayHaveSucceeded(HttpMessage message) =>
        message.Request.Method == RequestMethod.Post
        && message.Request.Uri.Path.EndsWith("/import", StringComparison.Ordinal)
        && !(message.HasResponse && message.Response.Status == 429);
}
