using Polly;
using Polly.Retry;

namespace ClusterTrust.Hosting;

/// <summary>Retries an operation that failed, with exponential backoff and jitter.</summary>
public static class Retries
{
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(15);

    /// <param name="count">The maximum number of retries.</param>
    /// <param name="delay">The delay before the first retry; later ones are at most 15 s.</param>
    /// <param name="isRetryable">Whether to retry after a fault.</param>
    /// <param name="delayOf">The delay that the server requested; null for the exponential one.</param>
    /// <param name="onRetry">Called with the number of the retry, its delay, and the fault.</param>
    public static ResiliencePipeline Of(
        TimeProvider? clock,
        int count,
        TimeSpan delay,
        Func<Exception, bool> isRetryable,
        Func<Exception, TimeSpan?>? delayOf = null,
        Action<int, TimeSpan, Exception>? onRetry = null) => count <= 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = count,
            Delay = delay,
            MaxDelay = MaxDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => new(arguments.Outcome.Exception is { } fault && isRetryable(fault)),
            DelayGenerator = arguments => new(delayOf?.Invoke(arguments.Outcome.Exception!)),
            OnRetry = arguments =>
            {
                onRetry?.Invoke(arguments.AttemptNumber + 1, arguments.RetryDelay, arguments.Outcome.Exception!);
                return default;
            },
        })
        .Build();
}
