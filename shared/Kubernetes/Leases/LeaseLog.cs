using Microsoft.Extensions.Logging;

namespace ClusterTrust.Kubernetes.Leases;

internal static partial class LeaseLog
{
    [LoggerMessage(EventName = "lease.not-renewed", Level = LogLevel.Debug, Message = "Lease {Lease} was not renewed, the next try follows: {Fault}")]
    public static partial void LeaseNotRenewed(this ILogger logger, string lease, string fault);

    [LoggerMessage(EventName = "lease.lost", Level = LogLevel.Warning, Message = "Lease {Lease} is lost: {Cause}")]
    public static partial void LeaseLost(this ILogger logger, string lease, string cause);

    [LoggerMessage(EventName = "lease.not-released", Level = LogLevel.Warning, Message = "Lease {Lease} was not released and ends by itself: {Cause}")]
    public static partial void LeaseNotReleased(this ILogger logger, string lease, string cause);
}
