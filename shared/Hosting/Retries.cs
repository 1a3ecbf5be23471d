using Polly;
using Polly.Retry;

namespace ClusterTrust.Hosting;

/// <summary>Repeats what failed, exponentially later with jitter.</summary>
public static class Retries
{
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(15);

    /// <param name="count">How often it is repeated at most.</param>
    /// <param name="delay">How long to wait before the first repetition.</param>
    /// <param name="mayHelp">Whether it may help after a fault.</param>
    /// <param name="delayOf">How long the server asked to wait; null for the usual delay.</param>
    /// <param name="onRetry">Called with the number of the repetition, its delay, and the fault.</param>
    public static ResiliencePipeline Of(
        TimeProvider? clock,
        int count,
        TimeSpan delay,
        Func<Exception, bool> mayHelp,
        Func<Exception, TimeSpan?>? delayOf = null,
        Action<int, TimeSpan, Exception>? onRetry = null) => count <= 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = count,
            Delay = delay,
            MaxDelay = MaxDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => new(arguments.Outcome.Exception is { } fault && mayHelp(fault)),
            DelayGenerator = arguments => new(delayOf?.Invoke(arguments.Outcome.Exception!)),
            OnRetry = arguments =>
            {
                onRetry?.Invoke(arguments.AttemptNumber + 1, arguments.RetryDelay, arguments.Outcome.Exception!);
                return default;
            },
        })
        .Build();
}
