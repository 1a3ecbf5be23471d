namespace ClusterTrust.Hosting;

/// <summary>The work of one command, run once. A command's <see cref="JobCommand.Configure"/> registers it.</summary>
public interface IJob
{
    /// <summary>Does the work.</summary>
    /// <param name="stopping">
    /// Cancelled by SIGTERM or SIGINT. The job then finishes the item in hand and either returns or throws
    /// <see cref="OperationCanceledException"/>; the process exits with <see cref="ExitCode.Terminated"/> either way.
    /// </param>
    /// <exception cref="JobException">The run cannot go on.</exception>
    Task<JobResult> RunAsync(CancellationToken stopping);
}

/// <summary>Receives the result of a run while the run's services are still there. Its own failure never fails the run.</summary>
public interface IRunObserver
{
    /// <summary>The run ended, in whatever way.</summary>
    /// <param name="result">How it ended, sanitized.</param>
    Task RunEndedAsync(JobResult result);
}
