using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using ClusterTrust.CertSync.Planning;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Reports a run: a log line for each action during the run, Events and a table or JSON at its end.</summary>
/// <param name="run">The command and its output.</param>
/// <param name="log">Gets a line for each action.</param>
/// <param name="events">Creates Events on the Secrets; null for none.</param>
public sealed class SyncReporter(JobRun run, ILogger<SyncReporter> log, SecretEvents? events = null)
{
    public string Command => run.Command!;

    /// <summary>Whether the run must write nothing anywhere.</summary>
    public bool IsPlan => run.Command == "plan";

    private static readonly FrozenDictionary<ActionKind, string> Kinds =
        Enum.GetValues<ActionKind>().ToFrozenDictionary(kind => kind, kind => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()));

    private static readonly FrozenDictionary<Reason, string> Reasons =
        Enum.GetValues<Reason>().ToFrozenDictionary(reason => reason, reason => JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString()));

    /// <summary>The name in reports, such as <c>update-tags</c>.</summary>
    public static string NameOf(ActionKind kind) => Kinds[kind];

    /// <summary>The name in reports, such as <c>not-in-vault</c>.</summary>
    public static string NameOf(Reason reason) => Reasons[reason];

    /// <summary>A log scope for a name in a vault.</summary>
    public IDisposable? Scope(VaultKey key) => log.CertificateScope(key.Name, key.Vault);

    /// <summary>Shows the progress until disposed of.</summary>
    public SyncProgress Progress(int total, TimeProvider clock) => new(run.Progress, total, clock);

    /// <summary>Ends the run because another one holds the Lease.</summary>
    public JobResult LeaseHeld(string sentence)
    {
        log.LeaseHeldByAnotherRun(sentence);
        return JobResult.Skipped(sentence);
    }

    /// <summary>Logs one action. What changes nothing is logged at debug level, as is a whole plan except for its faults.</summary>
    public void Log(SyncAction action)
    {
        if (!log.IsEnabled(LogLevel.Debug) && action is { Kind: ActionKind.Unchanged or ActionKind.Skip, Warnings: [] })
        {
            return;
        }

        var (kind, sources) = (NameOf(action.Kind), SyncReport.SourcesOf(action));
        switch (action.Kind)
        {
            case ActionKind.Fail or ActionKind.Refuse when action.Name.Length == 0:
                log.NotSynced(kind, SyncReport.SubjectOf(action), NameOf(action.Reason), action.Sentence);
                break;
            case ActionKind.Fail:
                log.Failed(sources, action.Vault, action.Name, NameOf(action.Reason), action.Sentence);
                break;
            case ActionKind.Refuse:
                log.Refused(sources, action.Vault, action.Name, NameOf(action.Reason), action.Sentence);
                break;
            case ActionKind.Keep:
                log.Kept(sources, action.Vault, action.Name, NameOf(action.Reason), action.Sentence);
                break;
            case var _ when !IsPlan && action.Writes:
                log.Applied(kind, sources, action.Vault, action.Name, NameOf(action.Reason), action.NotAfter);
                break;
            default:
                log.Considered(kind, sources, action.Vault, action.Name, NameOf(action.Reason));
                break;
        }

        foreach (var warning in action.Warnings)
        {
            log.CertificateWarning(sources, action.Name, warning);
        }
    }

    /// <summary>Creates Events, unless the run is a plan or was stopped, and writes the report to standard output.</summary>
    public async Task<JobResult> FinishAsync(SyncReport report, CancellationToken cancellationToken)
    {
        if (events is not null && !IsPlan && !report.IsStopped)
        {
            await events.RecordAsync(report, cancellationToken);
        }

        SyncMetrics.Record(report);
        if (run.Format == OutputFormat.Json)
        {
            run.Output.Write(ReportJson.Write(report) + '\n');
        }
        else
        {
            WriteTable(report);
        }

        var counts = report.Counts();
        var failures = report.Lines().Where(line => line.Kind is ActionKind.Fail or ActionKind.Refuse)
            .Select(line => new JobFailure(SyncReport.SubjectOf(line), line.Sentence));
        var exitCode = report.ExitCode == ExitCode.Done ? run.Done(hasChanges: report.Lines().Any(static line => line.Writes)) : report.ExitCode;
        return new JobResult(exitCode, new JobSummary(MessageOf(report, counts))
        {
            Counts = [.. counts.Select(count => KeyValuePair.Create(NameOf(count.Key), count.Value))],
            Failures = [.. failures],
        });
    }

    private static string MessageOf(SyncReport report, IReadOnlyList<KeyValuePair<ActionKind, int>> counts)
    {
        var what = counts.Count == 0
            ? "no certificates found"
            : string.Join(", ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {NameOf(count.Key)}")));
        return report.IsStopped ? $"stopped before it was done: {what}" : what;
    }

    private void WriteTable(SyncReport report)
    {
        // The table of a sync shows what happened; that of a plan shows every selected Secret.
        var lines = report.Lines()
            .Where(line => !SyncReport.IsUnselected(line) && (report.Command == "plan" || line.Kind is not (ActionKind.Unchanged or ActionKind.Skip)))
            .ToArray();
        if (lines.Length > 0)
        {
            var table = new TextTable("SECRET", "CERTIFICATE", "VAULT", "NAME", "ACTION", "REASON", "EXPIRES");
            foreach (var line in lines)
            {
                table.Add(
                    line.Namespace.Length > 0 ? $"{line.Namespace}/*" : SyncReport.SourcesOf(line),
                    report.CertificateOf(line),
                    line.Vault,
                    line.Name,
                    NameOf(line.Kind),
                    NameOf(line.Reason),
                    line.NotAfter is { } end ? end.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "");
            }

            table.WriteTo(run.Output);
        }

        foreach (var line in lines.Where(line => line.Warnings.Length > 0))
        {
            run.Output.WriteLine($"warning: {SyncReport.SubjectOf(line)}: {string.Join(' ', line.Warnings)}");
        }

        foreach (var line in lines.Where(line => line.Kind is ActionKind.Fail or ActionKind.Refuse or ActionKind.Keep or ActionKind.Skip))
        {
            run.Output.WriteLine($"{NameOf(line.Kind)}: {SyncReport.SubjectOf(line)}: {line.Sentence}");
        }
    }
}
