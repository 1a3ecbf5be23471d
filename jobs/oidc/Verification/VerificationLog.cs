using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc.Verification;

internal static partial class VerificationLog
{
    [LoggerMessage(1007, LogLevel.Debug, "waiting for {issuer} to be served as published: {reason}")]
    public static partial void Waiting(this ILogger log, string issuer, string reason);
}
