namespace ClusterTrust.Oidc.Verification;

/// <summary>The published issuer as seen from outside.</summary>
internal sealed record VerificationReport(string Issuer, IReadOnlyList<Check> Checks)
{
    /// <summary>How old the served key set is (HTTP's <c>Age</c>); null when it was not served or has no <c>Age</c>.</summary>
    public TimeSpan? KeySetAge { get; init; }

    public CheckResult Result => Checks.Max(check => check.Result);

    /// <summary>0 if a cloud would accept it, 3 if something is published that is not the cluster's, otherwise 1.</summary>
    public ExitCode ExitCode => Result switch
    {
        CheckResult.Ok or CheckResult.Warning => ExitCode.Done,
        CheckResult.Stale or CheckResult.Unreachable or CheckResult.Fault => ExitCode.Failed,
        _ => ExitCode.Refused,
    };

    /// <summary>Everything that is not as expected, the most severe first.</summary>
    public IEnumerable<Check> Problems => Checks.Where(check => check.Result != CheckResult.Ok).OrderByDescending(check => check.Result);
}

/// <param name="Subject">What: <c>discovery document</c>, <c>key set</c>, <c>token</c>.</param>
/// <param name="Sentence">What was found; for a fault, its cause and what to do.</param>
internal sealed record Check(string Subject, CheckResult Result, string Sentence);

/// <summary>The result of one check, in order of severity.</summary>
public enum CheckResult
{
    /// <summary>A cloud would accept it.</summary>
    Ok,

    /// <summary>A cloud would accept it, but it may need attention.</summary>
    Warning,

    /// <summary>A cache still serves an earlier state; it passes by itself.</summary>
    Stale,

    /// <summary>It could not be checked from here.</summary>
    Unreachable,

    /// <summary>A cloud would refuse tokens.</summary>
    Fault,

    /// <summary>Something is published that is not the cluster's: someone else may have written it, and a person must investigate.</summary>
    Unexpected,
}
