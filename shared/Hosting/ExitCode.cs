namespace ClusterTrust.Hosting;

/// <summary>The exit codes of both jobs. They are a contract: CronJobs map them in <c>podFailurePolicy</c> and scripts test for them.</summary>
public enum ExitCode
{
    /// <summary>Done, or there was nothing to do.</summary>
    Done = 0,

    /// <summary>Something failed that a retry may cure: some items failed, or a service is unreachable.</summary>
    Failed = 1,

    /// <summary>The configuration or the command line is wrong; a retry cannot help.</summary>
    Usage = 2,

    /// <summary>Refused for safety; a person must look.</summary>
    Refused = 3,

    /// <summary>A plan with <c>--detailed-exitcode</c> found changes to make; every other outcome keeps its own code.</summary>
    ChangesPending = 4,

    /// <summary>Stopped by SIGTERM after the item in hand was finished (128 + 15, as a shell reports it).</summary>
    Terminated = 143,
}
