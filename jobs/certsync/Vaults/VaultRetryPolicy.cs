using Azure.Core;
using Azure.Core.Pipeline;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// The SDK's retries (408, 429, 5xx, failed connections; <c>Retry-After</c> is obeyed), except for a host name that does not exist and a
/// proxy that wants a password: waiting cures neither. A token that is refused is shown once more. Nor is an import sent again that may have been done: <see cref="Importer"/> looks.
/// </summary>
internal sealed class VaultRetryPolicy(VaultSettings settings)
    : RetryPolicy(settings.Retries, DelayStrategy.CreateExponentialDelayStrategy(settings.RetryDelay, 16 * settings.RetryDelay))
{
    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        IsRefusedFirst(message, exception) || (!IsHopeless(exception) && !MayBeDone(message) && await base.ShouldRetryAsync(message, exception));

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        IsRefusedFirst(message, exception) || (!IsHopeless(exception) && !MayBeDone(message) && base.ShouldRetry(message, exception));

    /// <summary>Whether a token is refused for the first time: a vault that has just been told of the identity may take the same one a moment later.</summary>
    private bool IsRefusedFirst(HttpMessage message, Exception? exception) =>
        exception is null && message.HasResponse && message.Response.Status == 401 && message.Request.Headers.Contains("Authorization")
        && message.ProcessingContext.RetryNumber == 0 && settings.Retries > 0;

    /// <summary>Whether it is an import of which nobody said that it was refused.</summary>
    private static bool MayBeDone(HttpMessage message) =>
        message.Request.Method == RequestMethod.Post
        && message.Request.Uri.Path.EndsWith("/import", StringComparison.Ordinal)
        && !(message.HasResponse && message.Response.Status == 429);

    private static bool IsHopeless(Exception? exception) => ConnectionFault.Of(exception) is { IsUnknownHost: true } or { IsConfiguration: true };
}
