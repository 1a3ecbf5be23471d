using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes;

internal static partial class KubernetesLog
{
    [LoggerMessage(EventId = 20, EventName = "KubernetesRetry", Level = LogLevel.Debug, Message = "Try {Attempt} failed, the next follows in {Delay}: {Fault}")]
    public static partial void Retrying(this ILogger logger, int attempt, TimeSpan delay, string fault);
}
