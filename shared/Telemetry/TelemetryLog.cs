using Microsoft.Extensions.Logging;

namespace ClusterTrust.Telemetry;

/// <summary>What is told of telemetry itself.</summary>
internal static partial class TelemetryLog
{
    [LoggerMessage(40, LogLevel.Warning, "the run's metrics could not be handed to {target}: {reason}")]
    public static partial void MetricsNotWritten(this ILogger logger, string target, string reason);
}
