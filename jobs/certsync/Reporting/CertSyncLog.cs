namespace ClusterTrust.CertSync.Reporting;

/// <summary>The log events of a run, with stable ids and names.</summary>
internal static partial class CertSyncLog
{
    private static readonly Func<ILogger, string, string, IDisposable?> Certificate =
        LoggerMessage.DefineScope<string, string>("{Certificate} in {Vault}");

    public static IDisposable? CertificateScope(this ILogger log, string certificate, string vault) => Certificate(log, certificate, vault);

    [LoggerMessage(2001, LogLevel.Information, "{action} {name} in {vault} from {secrets} ({reason}), valid until {notAfter:yyyy-MM-dd'T'HH:mm:ss'Z'}")]
    public static partial void Applied(this ILogger log, string action, string secrets, string vault, string name, string reason, DateTimeOffset? notAfter);

    [LoggerMessage(2002, LogLevel.Debug, "{action} {name} in {vault} from {secrets} ({reason})")]
    public static partial void Considered(this ILogger log, string action, string secrets, string vault, string name, string reason);

    [LoggerMessage(2003, LogLevel.Error, "failed: {name} in {vault} from {secrets} ({reason}): {sentence}")]
    public static partial void Failed(this ILogger log, string secrets, string vault, string name, string reason, string sentence);

    [LoggerMessage(2004, LogLevel.Error, "refused: {name} in {vault} from {secrets} ({reason}): {sentence}")]
    public static partial void Refused(this ILogger log, string secrets, string vault, string name, string reason, string sentence);

    [LoggerMessage(2005, LogLevel.Warning, "kept: {name} in {vault} from {secrets} ({reason}): {sentence}")]
    public static partial void Kept(this ILogger log, string secrets, string vault, string name, string reason, string sentence);

    [LoggerMessage(2006, LogLevel.Warning, "{name} from {secrets}: {warning}")]
    public static partial void CertificateWarning(this ILogger log, string secrets, string name, string warning);

    [LoggerMessage(2007, LogLevel.Error, "{action}: {subject} ({reason}): {sentence}")]
    public static partial void NotSynced(this ILogger log, string action, string subject, string reason, string sentence);

    [LoggerMessage(2008, LogLevel.Information, "{sentence}")]
    public static partial void LeaseHeldByAnotherRun(this ILogger log, string sentence);

    [LoggerMessage(2010, LogLevel.Debug, "{endpoint} serves {name} in {vault} ({state})")]
    public static partial void EndpointServed(this ILogger log, string endpoint, string state, string vault, string name);

    [LoggerMessage(2011, LogLevel.Error, "{state}: {endpoint}, {name} in {vault}: {sentence}")]
    public static partial void EndpointFault(this ILogger log, string endpoint, string state, string vault, string name, string sentence);

    [LoggerMessage(2012, LogLevel.Warning, "{endpoint}, {name} in {vault}: {warning}")]
    public static partial void EndpointWarning(this ILogger log, string endpoint, string vault, string name, string warning);
}
