namespace ClusterTrust.Hosting;

/// <summary>
/// The summary of a run as one line of JSON, for the file that Kubernetes shows as a container's termination message. It keeps at most
/// <see cref="MaximumBytes"/>; the message is cut and failures are omitted until it fits.
/// </summary>
internal static class TerminationMessage
{
    /// <summary>Kubernetes truncates a longer termination message.</summary>
    public const int MaximumBytes = 4096;

    private const int MessageLength = 1024;
    private const int ItemLength = 192;
    private const int ReasonLength = 400;

    /// <returns>UTF-8 JSON without a line break, at most <see cref="MaximumBytes"/> long.</returns>
    public static byte[] Write(JobRun run, JobResult result, TimeSpan duration)
    {
        var message = Sanitizer.Sanitize(result.Message, MessageLength);
        var best = With(failures: 0);
        for (var length = MessageLength / 2; best.Length > MaximumBytes && length > 0; length /= 2)
        {
            message = Sanitizer.Sanitize(message, length);
            best = With(failures: 0);
        }

        for (var count = 1; count <= result.Failures.Count && With(count) is { Length: <= MaximumBytes } fitting; count++)
        {
            best = fitting;
        }

        return best;

        byte[] With(int failures) => Encoding.UTF8.GetBytes(Json.Line(Json.Of(
            ("job", run.Job),
            ("command", run.Command),
            ("runId", run.RunId),
            ("exitCode", (int)result.ExitCode),
            ("seconds", Math.Round(duration.TotalSeconds, 3)),
            ("message", message),
            ("counts", result.Counts is { Count: > 0 } counts ? Json.Of(counts.DistinctBy(static count => count.Key).Select(static count => (count.Key, (JsonNode?)count.Value))) : null),
            ("failures", failures > 0 ? Json.ArrayOf(result.Failures.Take(failures), static failure => Json.Of(
                ("item", Sanitizer.Sanitize(failure.Item, ItemLength)), ("reason", Sanitizer.Sanitize(failure.Reason, ReasonLength)))) : null),
            ("moreFailures", failures < result.Failures.Count ? result.Failures.Count - failures : null))));
    }
}
