using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClusterTrust.Hosting;

/// <summary>
/// The summary of a run as one line of JSON, for the file that Kubernetes shows as a container's termination message. It keeps at most
/// <see cref="MaximumBytes"/>; the message is cut and failures left out until it fits.
/// </summary>
/// <param name="MoreFailures">The number of failures that did not fit.</param>
internal sealed record TerminationMessage(
    string Job,
    string? Command,
    string RunId,
    int ExitCode,
    double Seconds,
    string Message,
    Dictionary<string, int>? Counts,
    IReadOnlyList<JobFailure>? Failures,
    int? MoreFailures)
{
    /// <summary>Kubernetes truncates a longer termination message.</summary>
    public const int MaximumBytes = 4096;

    private const int MessageLength = 1024;
    private const int ItemLength = 192;
    private const int ReasonLength = 400;

    private static readonly TerminationMessageJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <returns>UTF-8 JSON without a line break, at most <see cref="MaximumBytes"/> long.</returns>
    public static byte[] Write(JobRun run, JobResult result, TimeSpan duration)
    {
        var failures = result.Failures;
        var message = new TerminationMessage(
            run.Job,
            run.Command,
            run.RunId,
            (int)result.ExitCode,
            Math.Round(duration.TotalSeconds, 3),
            Sanitizer.Sanitize(result.Message, MessageLength),
            result.Counts is { Count: > 0 } counts ? counts.DistinctBy(static count => count.Key).ToDictionary() : null,
            Failures: null,
            failures.Count > 0 ? failures.Count : null);
        var best = message.Serialize();
        for (var length = MessageLength / 2; best.Length > MaximumBytes && length > 0; length /= 2)
        {
            message = message with { Message = Sanitizer.Sanitize(message.Message, length) };
            best = message.Serialize();
        }

        for (var count = 1; count <= failures.Count; count++)
        {
            var longer = message with
            {
                Failures = [.. failures.Take(count).Select(static failure => new JobFailure(
                    Sanitizer.Sanitize(failure.Item, ItemLength), Sanitizer.Sanitize(failure.Reason, ReasonLength)))],
                MoreFailures = count < failures.Count ? failures.Count - count : null,
            };
            if (longer.Serialize() is not { Length: <= MaximumBytes } fitting)
            {
                break;
            }

            best = fitting;
        }

        return best;
    }

    private byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this, Json.TerminationMessage);
}

[JsonSerializable(typeof(TerminationMessage))]
internal sealed partial class TerminationMessageJson : JsonSerializerContext;
