using Azure.Core;
using Azure.Core.Pipeline;

namespace ClusterTrust.CertSync.Vaults;

/// <summary>The SDK's retries (408, 429, 5xx, failed connections; <c>Retry-After</c> is obeyed), except for a host name that does not exist and a proxy that wants a password: waiting cures neither.</summary>
internal sealed class VaultRetryPolicy(VaultSettings settings)
    : RetryPolicy(settings.Retries, DelayStrategy.CreateExponentialDelayStrategy(settings.RetryDelay, 16 * settings.RetryDelay))
{
    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        !IsHopeless(exception) && await base.ShouldRetryAsync(message, exception);

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) =>
        !IsHopeless(exception) && base.ShouldRetry(message, exception);

    private static bool IsHopeless(Exception? exception) => ConnectionFault.Of(exception) is { IsUnknownHost: true } or { IsConfiguration: true };
}
