namespace ClusterTrust.Hosting;

/// <summary>How a run ended; it becomes the pod's termination message. No text in it may contain key material, tokens or passwords.</summary>
/// <param name="Message">One sentence.</param>
public sealed record JobResult(ExitCode ExitCode, string Message)
{
    /// <summary>Counts by name, in the order in which they are shown: <c>created</c> 2, <c>unchanged</c> 40.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Counts { get; init; } = [];

    /// <summary>The items that failed, the most important first: the termination message may omit the others.</summary>
    public IReadOnlyList<JobFailure> Failures { get; init; } = [];

    /// <summary>Whether the run did nothing because another run holds the Lease. It does not count as a success.</summary>
    public bool IsSkipped { get; private init; }

    public static JobResult Done(string message) => new(ExitCode.Done, message);

    /// <summary>A run that did nothing: it exits with 0 and does not count as the last success.</summary>
    public static JobResult Skipped(string message) => Done(message) with { IsSkipped = true };

    /// <summary>The same result with every text sanitized, for the log, the termination message, Events and spans.</summary>
    internal JobResult Sanitize() => this with
    {
        Message = Sanitizer.Sanitize(Message, Sanitizer.MessageLength),
        Counts = [.. Counts.Select(static count => KeyValuePair.Create(Sanitizer.Sanitize(count.Key), count.Value))],
        Failures = [.. Failures.Select(static failure => new JobFailure(Sanitizer.Sanitize(failure.Item), Sanitizer.Sanitize(failure.Reason, Sanitizer.MessageLength)))],
    };
}

/// <summary>One item that failed.</summary>
/// <param name="Item">Its name: <c>shop/web-tls</c>.</param>
/// <param name="Reason">Why it failed, in one sentence.</param>
public sealed record JobFailure(string Item, string Reason);
