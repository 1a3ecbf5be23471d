using System.Text.Json.Nodes;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Reports a <c>verify</c>: a log line for each endpoint during the run, and a table or JSON at its end.</summary>
public sealed class ServingReporter(JobRun run, SyncPolicy policy, ILogger<ServingReporter> log) : RunReport<EndpointCheck>(run)
{
    public JobResult Finish(bool isStopped)
    {
        var lines = Lines();
        CertSyncMetrics.Record(lines);
        if (Run.Format == OutputFormat.Json)
        {
            ReportJson.Write(
                Run.Output, Json.Of(("cluster", policy.Cluster), ("stopped", isStopped)), "endpoints", lines.Select(JsonOf), Count(lines));
        }
        else
        {
            WriteTable(
                new TextTable("ENDPOINT", "SECRET", "VAULT", "NAME", "STATE", "SINCE", "EXPIRES"),
                lines,
                static line =>
                [
                    line.Endpoint, SourceOf(line), line.Vault, line.Name, Json.NameOf(line.State), Day(line.Since), Day(line.Served?.NotAfter),
                ],
                static line => line.State != ServingState.Served);
        }

        return ResultOf(lines, isStopped, nothing: "no endpoints to verify");
    }

    private static JsonObject JsonOf(EndpointCheck line) => Json.Of(
        ("state", Json.NameOf(line.State)),
        ("message", line.Sentence),
        ("endpoint", ReportJson.NullIfEmpty(line.Endpoint)),
        ("namespace", ReportJson.NullIfEmpty(line.Namespace)),
        ("vault", ReportJson.NullIfEmpty(line.Vault)),
        ("name", ReportJson.NullIfEmpty(line.Name)),
        ("secret", line.Secret?.Source),
        ("thumbprint", line.Served?.Thumbprint),
        ("notAfter", line.Served?.NotAfter.UtcDateTime),
        ("since", line.Since?.UtcDateTime),
        ("warnings", line.Warnings.Length > 0 ? Json.ArrayOf(line.Warnings) : null));

    /// <summary>Logs one line; what is served as it must be, at debug level.</summary>
    protected override void Log(EndpointCheck line)
    {
        var (subject, state) = (line.Subject, Json.NameOf(line.State));
        switch (line.State)
        {
            case ServingState.Served:
                log.EndpointServed(subject, state, line.Vault, line.Name);
                break;
            case ServingState.Propagating:
                log.EndpointWarning(subject, line.Vault, line.Name, line.Sentence);
                break;
            default:
                log.EndpointFault(subject, state, line.Vault, line.Name, line.Sentence);
                break;
        }

        foreach (var warning in line.Warnings)
        {
            log.EndpointWarning(subject, line.Vault, line.Name, warning);
        }
    }
}
