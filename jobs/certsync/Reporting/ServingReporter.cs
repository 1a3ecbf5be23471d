using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using ClusterTrust.CertSync.Serving;
using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;
using Microsoft.Extensions.Logging;

namespace ClusterTrust.CertSync.Reporting;

/// <summary>Reports a <c>verify</c>: a log line for each endpoint during the run, and a table or JSON at its end.</summary>
/// <param name="run">The command and its output.</param>
/// <param name="log">Gets a line for each endpoint.</param>
public sealed class ServingReporter(JobRun run, ILogger<ServingReporter> log)
{
    private static readonly FrozenDictionary<ServingState, string> States =
        Enum.GetValues<ServingState>().ToFrozenDictionary(state => state, state => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString()));

    /// <summary>The name in reports, such as <c>another-certificate</c>.</summary>
    public static string NameOf(ServingState state) => States[state];

    /// <summary>Shows the progress until disposed of.</summary>
    public SyncProgress Progress(int total, TimeProvider clock) => new(run.Progress, total, clock);

    /// <summary>Logs one line; what is served as it must be, at debug level.</summary>
    public void Log(EndpointCheck line)
    {
        var (subject, state) = (line.Subject, NameOf(line.State));
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

    /// <summary>Writes the report to standard output.</summary>
    public JobResult Finish(ServingReport report)
    {
        ServingMetrics.Record(report);
        if (run.Format == OutputFormat.Json)
        {
            run.Output.Write(ServingJson.Write(report) + '\n');
        }
        else
        {
            WriteTable(report);
        }

        var counts = report.Counts();
        var what = counts.Count == 0
            ? "no endpoints to verify"
            : string.Join(", ", counts.Select(static count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {NameOf(count.Key)}")));
        return new JobResult(report.ExitCode, new JobSummary(report.IsStopped ? $"stopped before it was done: {what}" : what)
        {
            Counts = [.. counts.Select(static count => KeyValuePair.Create(NameOf(count.Key), count.Value))],
            Failures = [.. report.Lines().Where(static line => line.ExitCode != ExitCode.Done).Select(static line => new JobFailure(line.Subject, line.Sentence))],
        });
    }

    private void WriteTable(ServingReport report)
    {
        var lines = report.Lines();
        if (lines.Length > 0)
        {
            var table = new TextTable("ENDPOINT", "SECRET", "VAULT", "NAME", "STATE", "SINCE", "EXPIRES");
            foreach (var line in lines)
            {
                table.Add(line.Endpoint, line.Namespace.Length > 0 ? $"{line.Namespace}/*" : line.Secret?.Source ?? "", line.Vault, line.Name, NameOf(line.State), Day(line.Since), Day(line.Served?.NotAfter));
            }

            table.WriteTo(run.Output);
        }

        foreach (var line in lines.Where(static line => line.State != ServingState.Served))
        {
            run.Output.WriteLine($"{NameOf(line.State)}: {line.Subject}: {line.Sentence}");
        }

        foreach (var line in lines.Where(static line => line.Warnings.Length > 0))
        {
            run.Output.WriteLine($"warning: {line.Subject}: {string.Join(' ', line.Warnings)}");
        }
    }

    private static string Day(DateTimeOffset? time) => time is { } instant ? instant.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "";
}
