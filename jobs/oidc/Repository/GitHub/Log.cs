using Microsoft.Extensions.Logging;

namespace ClusterTrust.Oidc.Repository.GitHub;

internal static partial class Log
{
    [LoggerMessage(EventId = 1020, EventName = "GitHubRetry", Level = LogLevel.Information, Message = "GitHub: {Fault}; trying again in {Delay}")]
    public static partial void Retrying(ILogger logger, string fault, TimeSpan delay);

    [LoggerMessage(EventId = 1021, EventName = "GitHubSignatureNotVerified", Level = LogLevel.Warning,
        Message = "GitHub does not show the signed commit {Sha} as verified: {Reason}")]
    public static partial void NotVerified(ILogger logger, string sha, string reason);
}
