using ClusterTrust.Hosting.Logging;
using ClusterTrust.Text;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.Hosting;

/// <summary>Reports how a run goes: to a terminal, to the log and to the pod's termination log.</summary>
internal sealed class RunReporter(JobRun run, LogSink sink, ILogger log)
{
    private bool _hasReportedError;

    /// <summary>The run begins.</summary>
    public void Started() => log.JobStarted(run.Job, JobVersion.Current, run.Command!);

    /// <summary>Something is odd about how the job was called.</summary>
    public void Warn(string sentence) => log.UsageWarning(sentence);

    /// <summary>The run is asked to stop.</summary>
    public void Stopping() => log.Stopping();

    /// <summary>An observer of the run failed or took too long.</summary>
    public void ObserverFailed(IRunObserver observer, Exception fault) => log.ObserverFailed(observer.GetType().Name, fault.Message);

    /// <summary>The command line or configuration is wrong.</summary>
    /// <param name="faults">All that is wrong, a sentence each.</param>
    public JobResult UsageFaults(IReadOnlyList<string> faults)
    {
        foreach (var fault in faults)
        {
            Report(fault, sentence => log.UsageFault(sentence));
        }

        if (sink.IsText && log.IsEnabled(LogLevel.Error))
        {
            var program = run.Command is { } command ? $"{run.Job} {command}" : run.Job;
            sink.WriteHint($"See '{program} --help'.");
        }

        return new(ExitCode.Usage, new(string.Join("; ", faults)));
    }

    /// <summary>A fault with a sentence for users.</summary>
    public JobResult Failed(JobException fault)
    {
        var sentence = Sanitizer.Sanitize(fault.Message, Sanitizer.MessageLength);
        Report(sentence, text => log.JobFailed(text, fault), fault);
        return new(fault.ExitCode, new(sentence));
    }

    /// <summary>An exception without a sentence for users.</summary>
    public JobResult FailedUnexpectedly(Exception fault)
    {
        var sentence = $"unexpected {fault.GetType().Name}: {Sanitizer.Sanitize(fault.Message, Sanitizer.MessageLength).TrimEnd('.')}";
        Report(run.Verbose ? sentence : $"{sentence}; run with --verbose for details", text => log.JobFailed(text, fault), fault);
        return new(ExitCode.Failed, new(sentence));
    }

    /// <summary>The run ended, in whatever way; errors have been reported already, and with a wrong configuration no run began.</summary>
    public void Finished(JobResult result, TimeSpan duration)
    {
        var seconds = Math.Round(duration.TotalSeconds, 3);
        if (!_hasReportedError)
        {
            log.JobFinished(run.Command!, result.Summary.Message, seconds, (int)result.ExitCode);
        }
        else if (run.Command is { } command && result.ExitCode != ExitCode.Usage)
        {
            log.JobEnded(command, seconds, (int)result.ExitCode);
        }
    }

    /// <summary>Writes the summary where Kubernetes looks for it, when the file is there: it is only in a pod.</summary>
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

    private void Report(string sentence, Action<string> write, Exception? exception = null)
    {
        _hasReportedError = true;
        if (!sink.IsText)
        {
            write(sentence);
        }
        else if (log.IsEnabled(LogLevel.Error))
        {
            sink.WriteError(sentence, exception);
        }
    }
}
