namespace ClusterTrust.Hosting;

/// <summary>Reports the end of a run: to the log and to the pod's termination log.</summary>
internal sealed class RunReporter(JobRun run, bool isText, ILogger log)
{
    private bool _hasReportedError;

    public ILogger Log => log;

    public void Started() => log.JobStarted(run.Job, JobApplication.Version, run.Command!);

    /// <param name="faults">All faults, a sentence each.</param>
    public JobResult UsageFaults(IReadOnlyList<string> faults)
    {
        _hasReportedError = true;
        foreach (var fault in faults)
        {
            log.UsageFault(fault);
        }

        if (isText)
        {
            log.UsageHint(run.Command is { } command ? $"{run.Job} {command}" : run.Job);
        }

        return new(ExitCode.Usage, string.Join("; ", faults));
    }

    public JobResult Failed(JobException fault)
    {
        _hasReportedError = true;
        log.JobFailed(fault.Message, fault);
        return new(fault.ExitCode, fault.Message);
    }

    /// <summary>Reports an exception that has no sentence for users.</summary>
    public JobResult FailedUnexpectedly(Exception fault)
    {
        _hasReportedError = true;
        var sentence = $"unexpected {fault.GetType().Name}: {Sanitizer.Sanitize(fault.Message, Sanitizer.MessageLength).TrimEnd('.')}";
        log.JobFailed(run.Verbose ? sentence : $"{sentence}; run with --verbose for details", fault);
        return new(ExitCode.Failed, sentence);
    }

    /// <summary>Logs the end of the run. Errors were reported before, and no run began with a wrong configuration.</summary>
    public void Finished(JobResult result, TimeSpan duration)
    {
        var seconds = Math.Round(duration.TotalSeconds, 3);
        if (!_hasReportedError)
        {
            log.JobFinished(run.Command!, result.Message, seconds, (int)result.ExitCode);
        }
        else if (run.Command is { } command && result.ExitCode != ExitCode.Usage)
        {
            log.JobEnded(command, seconds, (int)result.ExitCode);
        }
    }

    /// <summary>Writes the summary to the file of the termination message if it exists, as it does in a pod.</summary>
    public void WriteTerminationLog(string path, JobResult result, TimeSpan duration)
    {
        try
        {
            if (File.Exists(path))
            {
                File.WriteAllBytes(path, TerminationMessage.Write(run, result, duration));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.TerminationLogFailed(path, e.Message);
        }
    }
}

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

    [LoggerMessage(6, LogLevel.Warning, "stop signal received; finishing the current item")]
    public static partial void Stopping(this ILogger log);

    [LoggerMessage(7, LogLevel.Warning, "the termination log {Path} could not be written: {Reason}")]
    public static partial void TerminationLogFailed(this ILogger log, string path, string reason);

    [LoggerMessage(9, LogLevel.Debug, "{Observer} could not report the end of the run: {Reason}")]
    public static partial void ObserverFailed(this ILogger log, string observer, string reason);

    [LoggerMessage(10, LogLevel.Information, "See '{Program} --help'.")]
    public static partial void UsageHint(this ILogger log, string program);

    [LoggerMessage(11, LogLevel.Warning, "a part of the run failed when it was stopped: {Reason}")]
    public static partial void StopFailed(this ILogger log, string reason);

    [LoggerMessage(8, LogLevel.Information, "{Command}: ended by an error ({Seconds} s, exit code {ExitCode})")]
    public static partial void JobEnded(this ILogger log, string command, double seconds, int exitCode);
}
