using Azure.Core;
using Azure.Core.Pipeline;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>
/// The SDK's retries (408, 429, 5xx, failed connections; <c>Retry-After</c> is honoured), except for a host name that does not exist and
/// a proxy that requires a password, which no retry cures, and for an import that may have succeeded: <see cref="Importer"/> checks that
/// first. A rejected token is sent once more.
/// </summary>
internal sealed class VaultRetryPolicy(VaultSettings settings)
    : RetryPolicy(settings.Retries, DelayStrategy.CreateExponentialDelayStrategy(settings.RetryDelay, 16 * settings.RetryDelay))
{
    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        IsFirstRejection(message, exception) || (!IsPermanent(message, exception) && !MayHaveSucceeded(message) && await base.ShouldRetryAsync(message, exception));

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        IsFirstRejection(message, exception) || (!IsPermanent(message, exception) && !MayHaveSucceeded(message) && base.ShouldRetry(message, exception));

    /// <summary>Whether a token was rejected for the first time: a vault may accept a new identity's token a moment later.</summary>
    private bool IsFirstRejection(HttpMessage message, Exception? exception) =>
        exception is null && message.HasResponse && message.Response.Status == 401 && message.Request.Headers.Contains("Authorization")
        && message.ProcessingContext.RetryNumber == 0 && settings.Retries > 0;

    /// <summary>Whether it is an import without a definite refusal.</summary>
    private static bool MayHaveSucceeded(HttpMessage message) =>
        message.Request.Method == RequestMethod.Post
        && message.Request.Uri.Path.EndsWith("/import", StringComparison.Ordinal)
        && !(message.HasResponse && message.Response.Status == 429);

    private static bool IsPermanent(HttpMessage message, Exception? exception) =>
        ConnectionFault.Of(exception, message.Request.Uri.ToUri()) is { IsUnknownHost: true } or { IsConfiguration: true };
}
