namespace ClusterTrust.Hosting;

/// <summary>The work of one command, run once. A command's <see cref="JobCommand.Configure"/> registers it.</summary>
public interface IJob
{
    /// <param name="stopping">
    /// Cancelled by SIGTERM or SIGINT. The job then finishes the current item and either returns or throws
    /// <see cref="OperationCanceledException"/>; the process exits with <see cref="ExitCode.Terminated"/> either way.
    /// </param>
    /// <exception cref="JobException">The run cannot continue.</exception>
    Task<JobResult> RunAsync(CancellationToken stopping);
}

/// <summary>Receives the result of a run before the run's services are disposed of. Its own failure never fails the run.</summary>
public interface IRunObserver
{
    /// <summary>Called once, however the run ended.</summary>
    /// <param name="result">The result, sanitized.</param>
    /// <param name="cancellationToken">Cancelled after <see cref="StopTimes.Event"/>, when the run no longer waits for it.</param>
    Task RunEndedAsync(JobResult result, CancellationToken cancellationToken);
}

/// <summary>The exit codes of both jobs. They are a contract: CronJobs map them in <c>podFailurePolicy</c> and scripts test for them.</summary>
public enum ExitCode
{
    /// <summary>Done, or there was nothing to do.</summary>
    Done = 0,

    /// <summary>Something failed that a retry may fix: some items failed, or a service is unreachable.</summary>
    Failed = 1,

    /// <summary>The configuration or the command line is wrong; a retry cannot help.</summary>
    Usage = 2,

    /// <summary>Refused for safety; needs manual action.</summary>
    Refused = 3,

    /// <summary>A plan with <c>--detailed-exitcode</c> found changes to make; every other outcome keeps its own code.</summary>
    ChangesPending = 4,

    /// <summary>Stopped by SIGTERM after the current item was finished (128 + 15, as a shell reports it).</summary>
    Terminated = 143,
}

/// <summary>
/// A fault that ends the run and that a person can act on. Its message is one sentence that states what failed, where, and
/// what to do; it is shown as it is, without a stack trace, and must never contain key material, tokens or passwords.
/// </summary>
/// <param name="innerException">The technical cause, shown with <c>--verbose</c> only.</param>
public class JobException(string message, ExitCode exitCode = ExitCode.Failed, Exception? innerException = null)
    : Exception(message, innerException)
{
    public ExitCode ExitCode { get; } = exitCode;
}
