using System.Text.Json.Nodes;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Reports a <c>sync</c> or <c>plan</c>: a log line for each action during the run, Events and a table or JSON at its end.</summary>
/// <param name="events">Creates Events on the Secrets; null for none.</param>
public sealed class SyncReporter(JobRun run, SyncPolicy policy, SecretFilter filter, ILogger<SyncReporter> log, SecretEvents? events = null)
    : RunReport<SyncAction>(run)
{
    /// <summary>Whether the run must write nothing anywhere.</summary>
    public bool IsPlan => Run.Command == "plan";

    /// <summary>A log scope for a name in a vault.</summary>
    public IDisposable? Scope(VaultKey key) => log.CertificateScope(key.Name, key.Vault);

    /// <summary>Ends the run because another one holds the Lease.</summary>
    public JobResult LeaseHeld(string sentence)
    {
        log.LeaseHeldByAnotherRun(sentence);
        return JobResult.Skipped(sentence);
    }

    /// <summary>Creates Events, unless the run is a plan or was stopped, and writes the report to standard output.</summary>
    public async Task<JobResult> FinishAsync(bool isStopped, CancellationToken cancellationToken)
    {
        var lines = Lines();
        if (events is not null && !IsPlan && !isStopped)
        {
            await events.RecordAsync(lines, cancellationToken);
        }

        CertSyncMetrics.Record(lines, IsPlan, filter);
        if (Run.Format == OutputFormat.Json)
        {
            // Lines about unselected Secrets are only counted.
            ReportJson.Write(
                Run.Output, Json.Of(("command", Run.Command), ("cluster", policy.Cluster), ("stopped", isStopped)),
                "actions", lines.Where(static line => !line.IsUnselected).Select(JsonOf), Count(lines));
        }
        else
        {
            WriteTable(
                new TextTable("SECRET", "CERTIFICATE", "VAULT", "NAME", "ACTION", "REASON", "EXPIRES"),
                // The table of a sync shows what happened; that of a plan shows every selected Secret.
                [.. lines.Where(line => !line.IsUnselected && (IsPlan || line.Kind is not (ActionKind.Unchanged or ActionKind.Skip)))],
                line =>
                [
                    SourceOf(line), filter.NamesOf(line.Sources), line.Vault, line.Name, Json.NameOf(line.Kind), Json.NameOf(line.Reason), Day(line.NotAfter),
                ],
                static line => line.Kind is ActionKind.Fail or ActionKind.Refuse or ActionKind.Keep or ActionKind.Skip);
        }

        var result = ResultOf(lines, isStopped, nothing: "no certificates found");
        return result.ExitCode == ExitCode.Done ? result with { ExitCode = Run.Done(hasChanges: lines.Any(static line => line.Writes)) } : result;
    }

    private JsonObject JsonOf(SyncAction line) => Json.Of(
        ("action", Json.NameOf(line.Kind)),
        ("reason", Json.NameOf(line.Reason)),
        ("message", line.Sentence),
        ("namespace", ReportJson.NullIfEmpty(line.Namespace)),
        ("vault", ReportJson.NullIfEmpty(line.Vault)),
        ("name", ReportJson.NullIfEmpty(line.Name)),
        ("certificate", ReportJson.NullIfEmpty(filter.NamesOf(line.Sources))),
        ("secrets", Json.ArrayOf(line.Secrets.Split(',', StringSplitOptions.RemoveEmptyEntries))),
        ("notAfter", line.NotAfter?.UtcDateTime),
        ("warnings", line.Warnings.Length > 0 ? Json.ArrayOf(line.Warnings) : null));

    /// <summary>Logs one action. What changes nothing is logged at debug level, as is a whole plan except for its faults.</summary>
    protected override void Log(SyncAction action)
    {
        if (!log.IsEnabled(LogLevel.Debug) && action is { Kind: ActionKind.Unchanged or ActionKind.Skip, Warnings: [] })
        {
            return;
        }

        var (kind, reason, secrets) = (Json.NameOf(action.Kind), Json.NameOf(action.Reason), action.Secrets);
        switch (action.Kind)
        {
            case ActionKind.Fail or ActionKind.Refuse when action.Name.Length == 0:
                log.NotSynced(kind, action.Subject, reason, action.Sentence);
                break;
            case ActionKind.Fail:
                log.Failed(secrets, action.Vault, action.Name, reason, action.Sentence);
                break;
            case ActionKind.Refuse:
                log.Refused(secrets, action.Vault, action.Name, reason, action.Sentence);
                break;
            case ActionKind.Keep:
                log.Kept(secrets, action.Vault, action.Name, reason, action.Sentence);
                break;
            case var _ when !IsPlan && action.Writes:
                log.Applied(kind, secrets, action.Vault, action.Name, reason, action.NotAfter);
                break;
            default:
                log.Considered(kind, secrets, action.Vault, action.Name, reason);
                break;
        }

        foreach (var warning in action.Warnings)
        {
            log.CertificateWarning(secrets, action.Name, warning);
        }
    }
}
