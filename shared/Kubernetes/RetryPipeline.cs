using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace ClusterTrust.Kubernetes;

/// <summary>Makes the pipeline that tries a request again: exponentially later with jitter, or when the server says.</summary>
internal static class RetryPipeline
{
    public static ResiliencePipeline Create(KubernetesOptions options, TimeProvider clock, ILogger logger) => options.Attempts <= 1
        ? ResiliencePipeline.Empty
        : new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(500),
                MaxDelay = TimeSpan.FromSeconds(10),
                ShouldHandle = static arguments => new(arguments.Outcome.Exception is KubernetesException { MayRetry: true }),
                DelayGenerator = arguments => new(arguments.Outcome.Exception is KubernetesException { RetryAfter: { } asked }
                    ? TimeSpan.FromTicks(Math.Min(asked.Ticks, options.MaxRetryAfter.Ticks))
                    : null),
                OnRetry = arguments =>
                {
                    logger.Retrying(arguments.AttemptNumber + 1, arguments.RetryDelay, arguments.Outcome.Exception!.Message);
                    return default;
                },
            })
            .Build();
}
