using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>All lines of a run. Thread-safe.</summary>
public sealed class RunReport<TLine>
    where TLine : IReportLine
{
    private readonly Lock _gate = new();
    private readonly List<TLine> _lines = [];

    public bool IsStopped { get; set; }

    public void Add(TLine line)
    {
        lock (_gate)
        {
            _lines.Add(line);
        }
    }

    /// <summary>The lines, ordered by vault, name, subject and Secrets.</summary>
    public ImmutableArray<TLine> Lines()
    {
        lock (_gate)
        {
            return [.. _lines
                .OrderBy(static line => line.Vault, StringComparer.OrdinalIgnoreCase)
                .ThenBy(static line => line.Name, StringComparer.OrdinalIgnoreCase)
                .ThenBy(static line => line.Subject, StringComparer.Ordinal)
                .ThenBy(static line => line.Secrets, StringComparer.Ordinal)];
        }
    }

    /// <summary>The number of lines by outcome, in the order in which its type declares them; without those that did not occur.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Counts()
    {
        lock (_gate)
        {
            return [.. _lines
                .CountBy(static line => line.Outcome)
                .OrderBy(static count => count.Key)
                .Select(static count => KeyValuePair.Create(ReportText.NameOf(count.Key), count.Value))];
        }
    }

    /// <summary>The run's result: 1 if a retry may cure any line, otherwise 3 if a person must act on any.</summary>
    /// <param name="nothing">The summary of a run without lines.</param>
    public JobResult ToResult(string nothing)
    {
        var failed = Lines().Where(static line => line.ExitCode != ExitCode.Done).ToArray();
        var exitCode = failed.Any(static line => line.ExitCode == ExitCode.Failed) ? ExitCode.Failed : failed.Length > 0 ? ExitCode.Refused : ExitCode.Done;
        var counts = Counts();
        var what = counts.Count == 0
            ? nothing
            : string.Join(", ", counts.Select(static count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key}")));
        return new JobResult(exitCode, new JobSummary(IsStopped ? $"stopped before it was done: {what}" : what)
        {
            Counts = counts,
            Failures = [.. failed.Select(static line => new JobFailure(line.Subject, line.Sentence))],
        });
    }
}

/// <summary>The parts that reports for people have in common.</summary>
public static class ReportText
{
    /// <summary>An action, reason or state as reports name it, such as <c>update-tags</c>.</summary>
    public static string NameOf(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    public static string Day(DateTimeOffset? time) => time is { } instant ? instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "";

    /// <summary>Writes a table, unless it has no rows, then the warnings and the sentences of its lines.</summary>
    /// <param name="isExplained">Whether a line's sentence is written.</param>
    public static void Write<TLine>(TextWriter output, TextTable table, IReadOnlyCollection<TLine> lines, Func<TLine, bool> isExplained)
        where TLine : IReportLine
    {
        if (lines.Count > 0)
        {
            table.WriteTo(output);
        }

        foreach (var line in lines.Where(static line => line.Warnings.Length > 0))
        {
            output.WriteLine($"warning: {line.Subject}: {string.Join(' ', line.Warnings)}");
        }

        foreach (var line in lines.Where(isExplained))
        {
            output.WriteLine($"{NameOf(line.Outcome)}: {line.Subject}: {line.Sentence}");
        }
    }
}
