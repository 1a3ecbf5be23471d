namespace ClusterTrust.CertSync.Reporting;

/// <summary>The lines of a run: each is logged when it is added, and all are reported at the end. Thread-safe.</summary>
public abstract class RunReport<TLine>(JobRun run)
    where TLine : ReportLine
{
    private readonly Lock _gate = new();
    private readonly List<TLine> _lines = [];

    protected JobRun Run { get; } = run;

    public void Add(params IEnumerable<TLine> lines)
    {
        foreach (var line in lines)
        {
            lock (_gate)
            {
                _lines.Add(line);
            }

            Log(line);
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

    /// <summary>Shows the progress until disposed of.</summary>
    public SyncProgress Progress(int total, TimeProvider clock) => new(Run.Progress, total, clock);

    protected abstract void Log(TLine line);

    private static IEnumerable<string> NamespacesOf(TLine line) =>
        line.Secrets.Length > 0 ? line.Secrets.Split(',').Select(static secret => secret.Split('/')[0]) : [line.Namespace];

    /// <summary>The number of lines by outcome, in the order in which its type declares them; without those that did not occur.</summary>
    protected static IReadOnlyList<KeyValuePair<string, int>> Count(ImmutableArray<TLine> lines) =>
    [
        .. lines
            .CountBy(static line => line.Outcome)
            .OrderBy(static count => count.Key)
            .Select(static count => KeyValuePair.Create(Json.NameOf(count.Key), count.Value)),
    ];

    protected static string Day(DateTimeOffset? time) => time is { } instant ? instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "";

    /// <summary>The Secrets of a line, or its whole namespace.</summary>
    protected static string SourceOf(TLine line) => line.Namespace.Length > 0 ? $"{line.Namespace}/*" : line.Secrets;

    /// <summary>Writes a table, unless it has no rows, then the warnings and the sentences of its lines.</summary>
    protected void WriteTable(TextTable table, IReadOnlyCollection<TLine> lines, Func<TLine, string[]> row, Func<TLine, bool> isExplained)
    {
        foreach (var line in lines)
        {
            table.Add(row(line));
        }

        if (lines.Count > 0)
        {
            table.WriteTo(Run.Output);
        }

        foreach (var line in lines.Where(static line => line.Warnings.Length > 0))
        {
            Run.Output.WriteLine($"warning: {line.Subject}: {string.Join(' ', line.Warnings)}");
        }

        foreach (var line in lines.Where(isExplained))
        {
            Run.Output.WriteLine($"{Json.NameOf(line.Outcome)}: {line.Subject}: {line.Sentence}");
        }
    }

    /// <summary>The run's result: 1 if a retry may fix any line, otherwise 3 if a person must act on any, otherwise 1 if the run was stopped.</summary>
    /// <param name="nothing">The summary of a run without lines.</param>
    protected static JobResult ResultOf(ImmutableArray<TLine> lines, bool isStopped, string nothing)
    {
        var failed = lines.Where(static line => line.ExitCode != ExitCode.Done).ToArray();
        var exitCode = failed.Any(static line => line.ExitCode == ExitCode.Failed) ? ExitCode.Failed
            : failed.Length > 0 ? ExitCode.Refused
            : isStopped ? ExitCode.Failed
            : ExitCode.Done;
        var counts = Count(lines);
        var what = counts.Count == 0
            ? nothing
            : string.Join(", ", counts.Select(static count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key}")));
        return new JobResult(exitCode, isStopped ? $"stopped before it was done: {what}" : what)
        {
            Counts = counts,

            // Not all may be shown; one namespace's failures must not displace those of the others.
            Failures = [.. FairOrder.Arrange(failed, NamespacesOf, static _ => null).Select(static line => new JobFailure(line.Subject, line.Sentence))],
        };
    }
}
