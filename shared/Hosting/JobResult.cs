namespace ClusterTrust.Hosting;

/// <summary>How a run ended.</summary>
/// <param name="ExitCode">What the process exits with.</param>
/// <param name="Summary">What was done; it becomes the pod's termination message.</param>
public sealed record JobResult(ExitCode ExitCode, JobSummary Summary)
{
    /// <summary>A run that did what it should.</summary>
    /// <param name="message">One sentence about it.</param>
    public static JobResult Done(string message) => new(ExitCode.Done, new JobSummary(message));
}
