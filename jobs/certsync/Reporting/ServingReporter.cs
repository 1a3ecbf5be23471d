using ClusterTrust.CertSync.Planning;
using ClusterTrust.CertSync.Serving;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Reports a <c>verify</c>: a log line for each endpoint during the run, and a table or JSON at its end.</summary>
public sealed class ServingReporter(JobRun run, SyncPolicy policy, ILogger<ServingReporter> log)
{
    /// <summary>Shows the progress until disposed of.</summary>
    public SyncProgress Progress(int total, TimeProvider clock) => new(run.Progress, total, clock);

    /// <summary>Logs one line; what is served as it must be, at debug level.</summary>
    public void Log(EndpointCheck line)
    {
        var (subject, state) = (line.Subject, ReportText.NameOf(line.State));
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

    public JobResult Finish(RunReport<EndpointCheck> report)
    {
        var lines = report.Lines();
        CertSyncMetrics.Record(lines);
        if (run.Format == OutputFormat.Json)
        {
            run.Output.Write(ReportJson.Write(report, policy.Cluster) + '\n');
        }
        else
        {
            var table = new TextTable("ENDPOINT", "SECRET", "VAULT", "NAME", "STATE", "SINCE", "EXPIRES");
            foreach (var line in lines)
            {
                table.Add(
                    line.Endpoint,
                    line.Namespace.Length > 0 ? $"{line.Namespace}/*" : line.Secrets,
                    line.Vault,
                    line.Name,
                    ReportText.NameOf(line.State),
                    ReportText.Day(line.Since),
                    ReportText.Day(line.Served?.NotAfter));
            }

            ReportText.Write(run.Output, table, lines, static line => line.State != ServingState.Served);
        }

        return report.ToResult(nothing: "no endpoints to verify");
    }
}
