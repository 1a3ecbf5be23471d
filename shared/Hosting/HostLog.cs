using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting;

/// <summary>What the host itself logs.</summary>
internal static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Job} {Version}: {Command} begins")]
    public static partial void JobStarted(this ILogger log, string job, string version, string command);

    [LoggerMessage(2, LogLevel.Information, "{Command}: {Summary} ({Seconds} s, exit code {ExitCode})")]
    public static partial void JobFinished(this ILogger log, string command, string summary, double seconds, int exitCode);

    [LoggerMessage(3, LogLevel.Error, "{Sentence}")]
    public static partial void JobFailed(this ILogger log, string sentence, Exception? exception);

    [LoggerMessage(4, LogLevel.Error, "{Sentence}")]
    public static partial void UsageFault(this ILogger log, string sentence);

    [LoggerMessage(5, LogLevel.Warning, "{Sentence}")]
    public static partial void UsageWarning(this ILogger log, string sentence);

    [LoggerMessage(6, LogLevel.Warning, "asked to stop; finishing the item in hand")]
    public static partial void Stopping(this ILogger log);

    [LoggerMessage(7, LogLevel.Warning, "the termination log {Path} could not be written: {Reason}")]
    public static partial void TerminationLogFailed(this ILogger log, string path, string reason);

    [LoggerMessage(9, LogLevel.Debug, "{Observer} could not report the end of the run: {Reason}")]
    public static partial void ObserverFailed(this ILogger log, string observer, string reason);

    [LoggerMessage(8, LogLevel.Information, "{Command}: ended by an error ({Seconds} s, exit code {ExitCode})")]
    public static partial void JobEnded(this ILogger log, string command, double seconds, int exitCode);
}
