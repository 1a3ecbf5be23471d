using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterTrust.Text;

namespace ClusterTrust.Hosting;

/// <summary>
/// The summary of a run as one line of JSON, for the file that Kubernetes shows as a container's termination message. It keeps at most
/// <see cref="MaximumBytes"/>; texts are cut and failures left out until it fits.
/// </summary>
internal sealed record TerminationMessage
{
    /// <summary>Kubernetes truncates a longer termination message.</summary>
    public const int MaximumBytes = 4096;

    // Their sum, with quotes and punctuation, stays below MaximumBytes: 3 * 96 + 1024 + 24 * (64 + 16) + 200.
    private const int NameBytes = 96;
    private const int MessageBytes = 1024;
    private const int CountNameBytes = 64;
    private const int MaximumCounts = 24;
    private const int FailureTextBytes = 400;

    private static readonly TerminationMessageJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public required string Job { get; init; }

    public required string? Command { get; init; }

    public required string RunId { get; init; }

    public required int ExitCode { get; init; }

    public required double Seconds { get; init; }

    public required string Message { get; init; }

    public Dictionary<string, int>? Counts { get; init; }

    public IReadOnlyList<JobFailure>? Failures { get; init; }

    /// <summary>The number of failures that did not fit.</summary>
    public int? MoreFailures { get; init; }

    /// <returns>UTF-8 JSON without a line break, at most <see cref="MaximumBytes"/> long.</returns>
    public static byte[] Write(JobRun run, JobResult result, TimeSpan duration)
    {
        var summary = result.Summary;
        var counts = new Dictionary<string, int>();
        foreach (var (name, count) in summary.Counts.Take(MaximumCounts))
        {
            counts[Clip(name, CountNameBytes)] = count;
        }

        var message = new TerminationMessage
        {
            Job = Clip(run.Job, NameBytes),
            Command = run.Command is { } command ? Clip(command, NameBytes) : null,
            RunId = Clip(run.RunId, NameBytes),
            ExitCode = (int)result.ExitCode,
            Seconds = Math.Round(duration.TotalSeconds, 3),
            Message = Clip(summary.Message, MessageBytes),
            Counts = counts.Count > 0 ? counts : null,
        };
        return message.WithFailures(summary.Failures);
    }

    private static string Clip(string text, int maximumBytes)
    {
        text = Sanitizer.Sanitize(text, Sanitizer.MessageLength);
        if (Fits(text))
        {
            return text;
        }

        var (kept, tooLong) = (0, Math.Min(text.Length, maximumBytes));
        while (kept + 1 < tooLong)
        {
            var middle = (kept + tooLong) / 2;
            (kept, tooLong) = Fits(Cut(middle)) ? (middle, tooLong) : (kept, middle);
        }

        return Cut(kept);

        string Cut(int length) => (length > 0 && char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length]) + "…";

        bool Fits(string candidate) =>
            candidate.Length <= maximumBytes
            && JsonEncodedText.Encode(candidate, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.Length <= maximumBytes;
    }

    private byte[] WithFailures(IReadOnlyList<JobFailure> failures)
    {
        var included = new List<JobFailure>();
        var best = Serialize(included, failures.Count);
        foreach (var (item, reason) in failures)
        {
            included.Add(new(Clip(item, NameBytes * 2), Clip(reason, FailureTextBytes)));
            var longer = Serialize(included, failures.Count);
            if (longer.Length > MaximumBytes)
            {
                break;
            }

            best = longer;
        }

        return best;
    }

    private byte[] Serialize(List<JobFailure> included, int count) => JsonSerializer.SerializeToUtf8Bytes(
        this with
        {
            Failures = included.Count == 0 ? null : included,
            MoreFailures = included.Count == count ? null : count - included.Count,
        },
        Json.TerminationMessage);
}

[JsonSerializable(typeof(TerminationMessage))]
internal sealed partial class TerminationMessageJson : JsonSerializerContext;
