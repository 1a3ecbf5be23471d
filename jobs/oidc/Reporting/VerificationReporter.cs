using ClusterTrust.Oidc.Verification;

namespace ClusterTrust.Oidc.Reporting;

/// <summary>Writes the report on the published issuer.</summary>
internal static class VerificationReporter
{
    public static JobResult Write(JobRun run, VerificationReport report)
    {
        var table = new TextTable("CHECK", "RESULT", "DETAIL");
        foreach (var check in report.Checks)
        {
            table.Add(check.Subject, Json.NameOf(check.Result), check.Sentence);
        }

        Report.Write(
            run,
            report.Issuer,
            Json.Of(
                ("result", Json.NameOf(report.Result)),
                ("checks", Json.ArrayOf(report.Checks, static check => Json.Of(
                    ("subject", check.Subject), ("result", Json.NameOf(check.Result)), ("message", check.Sentence))))),
            table);
        return ResultOf(report, $"the issuer {report.Issuer} {report.Result switch
        {
            CheckResult.Ok or CheckResult.Warning => "matches the cluster",
            CheckResult.Stale => "is still served as it was earlier",
            CheckResult.Unreachable => "could not be checked",
            _ => "does not match the cluster",
        }}");
    }

    public static JobResult ResultOf(VerificationReport report, string message) => new(report.ExitCode, message)
    {
        Failures = [.. report.Problems.Where(static check => check.Result > CheckResult.Warning).Select(static check => new JobFailure(check.Subject, check.Sentence))],
    };
}
