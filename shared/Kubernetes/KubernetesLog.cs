using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes;

internal static partial class KubernetesLog
{
    [LoggerMessage(EventName = "kubernetes.retry", Level = LogLevel.Debug, Message = "Try {Attempt} failed, the next follows in {Delay}: {Fault}")]
    public static partial void Retrying(this ILogger logger, int attempt, TimeSpan delay, string fault);
}
