namespace ClusterTrust.Sandbox.Processes;

/// <summary>What a process left when it ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + the signal's number when a signal ended it.</param>
/// <param name="StandardOutput">All of stdout, as UTF-8 text.</param>
/// <param name="StandardError">All of stderr, as UTF-8 text.</param>
/// <param name="WallTime">From the start to the exit.</param>
public sealed record Output(int ExitCode, string StandardOutput, string StandardError, TimeSpan WallTime)
{
    /// <summary>A job's summary, as Kubernetes would show it as the container's termination message; empty if it left none.</summary>
    public string TerminationMessage { get; init; } = "";

    /// <summary>Everything in one text, for the message of a failed assertion.</summary>
    public override string ToString() =>
        $"exit code {ExitCode} after {WallTime.TotalMilliseconds:0} ms\n--- stdout\n{StandardOutput}\n--- stderr\n{StandardError}";
}
