namespace ClusterTrust.Hosting;

/// <summary>The current run: a singleton in the services of every job.</summary>
public sealed class JobRun
{
    /// <summary>The job's name: <c>certsync</c>.</summary>
    public required string Job { get; init; }

    /// <summary>The command's name: <c>plan</c>. Null while the command line is wrong.</summary>
    public required string? Command { get; init; }

    /// <summary>Identifies this run in logs and summaries: twelve hexadecimal digits.</summary>
    public required string RunId { get; init; }

    /// <summary>Standard output, for results; logs go to standard error.</summary>
    /// <value>Every line is sanitized, see <see cref="ReportWriter"/>.</value>
    public required TextWriter Output
    {
        get;
        init => field = ReportWriter.For(value);
    }

    public ProgressLine Progress { get; init; } = ProgressLine.None;

    public OutputFormat Format { get; init; }

    /// <summary>Whether stack traces are shown.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whether a plan that found changes to make exits with <see cref="ExitCode.ChangesPending"/>.</summary>
    public bool DetailedExitCode { get; init; }

    /// <param name="hasChanges">Whether it found changes to make.</param>
    public ExitCode Done(bool hasChanges) => hasChanges && DetailedExitCode ? ExitCode.ChangesPending : ExitCode.Done;

    /// <summary>What every log line of the run contains, such as the cluster.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Scope { get; init; } = [];
}

/// <summary>The format of results on standard output.</summary>
public enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For programs: one JSON document.</summary>
    Json,
}
