using ClusterTrust.Hosting;
using ClusterTrust.Hosting.Output;
using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes the report on the published issuer: a table, or JSON for scripts.</summary>
internal static class VerificationReporter
{
    /// <returns>Exit code 0 if a cloud would accept it, 3 if something is published that is not the cluster's, otherwise 1.</returns>
    public static JobResult Write(JobRun run, VerificationReport report)
    {
        if (run.Format == OutputFormat.Json)
        {
            run.Output.Write(ReportJson.Write(new VerifyReport(
                report.Issuer,
                ReportJson.Name(report.Result),
                report.Checks.Select(static check => new VerifyCheck(check.Subject, ReportJson.Name(check.Result), check.Sentence)))));
        }
        else
        {
            run.Output.WriteLine($"Issuer {report.Issuer}");
            var table = new TextTable("CHECK", "RESULT", "DETAIL");
            foreach (var check in report.Checks)
            {
                table.Add(check.Subject, ReportJson.Name(check.Result), check.Sentence);
            }

            table.WriteTo(run.Output);
        }

        return report.Result switch
        {
            CheckResult.Ok or CheckResult.Warning => JobResult.Done($"the issuer {report.Issuer} matches the cluster"),
            CheckResult.Stale => Failed(report, $"the issuer {report.Issuer} is still served as it was earlier"),
            CheckResult.Unreachable => Failed(report, $"the issuer {report.Issuer} could not be checked"),
            _ => Failed(report, $"the issuer {report.Issuer} does not match the cluster"),
        };
    }

    public static JobResult Failed(VerificationReport report, string message) => new(ExitCodeOf(report), message)
    {
        Failures = [.. report.Problems.Where(static check => check.Result > CheckResult.Warning).Select(static check => new JobFailure(check.Subject, check.Sentence))],
    };

    public static ExitCode ExitCodeOf(VerificationReport report) => report.Result switch
    {
        CheckResult.Ok or CheckResult.Warning => ExitCode.Done,
        CheckResult.Stale or CheckResult.Unreachable or CheckResult.Fault => ExitCode.Failed,
        _ => ExitCode.Refused,
    };
}
