using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes.Leases;

internal static partial class LeaseLog
{
    [LoggerMessage(EventId = 21, EventName = "LeaseNotRenewed", Level = LogLevel.Debug, Message = "Lease {Lease} was not renewed, the next try follows: {Fault}")]
    public static partial void LeaseNotRenewed(this ILogger logger, string lease, string fault);

    [LoggerMessage(EventId = 22, EventName = "LeaseLost", Level = LogLevel.Warning, Message = "Lease {Lease} is lost: {Cause}")]
    public static partial void LeaseLost(this ILogger logger, string lease, string cause);

    [LoggerMessage(EventId = 23, EventName = "LeaseNotReleased", Level = LogLevel.Warning, Message = "Lease {Lease} was not released and ends by itself: {Cause}")]
    public static partial void LeaseNotReleased(this ILogger logger, string lease, string cause);
}
