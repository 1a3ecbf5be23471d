namespace ClusterTrust.Oidc.Verification;

/// <summary>The published issuer as it looks from outside.</summary>
internal sealed record VerificationReport(string Issuer, IReadOnlyList<Check> Checks)
{
    /// <summary>How old the served key set is (HTTP's <c>Age</c>); null when it was not served or does not say.</summary>
    public TimeSpan? KeySetAge { get; init; }

    public CheckResult Result => Checks.Max(check => check.Result);

    /// <summary>The sentences of everything that is not as it should be, the gravest first.</summary>
    public IEnumerable<Check> Problems => Checks.Where(check => check.Result != CheckResult.Ok).OrderByDescending(check => check.Result);
}

/// <param name="Subject">What: <c>discovery document</c>, <c>key set</c>, <c>token</c>.</param>
/// <param name="Sentence">What was seen; for a fault, its cause and its cure.</param>
internal sealed record Check(string Subject, CheckResult Result, string Sentence);

/// <summary>How one check of the published issuer came out, the gravest last.</summary>
public enum CheckResult
{
    /// <summary>A cloud would accept it.</summary>
    Ok,

    /// <summary>Works, and a person should know.</summary>
    Warning,

    /// <summary>A cache still serves an earlier state; it passes by itself.</summary>
    Stale,

    /// <summary>It could not be looked at from here.</summary>
    Unreachable,

    /// <summary>A cloud would refuse tokens.</summary>
    Fault,

    /// <summary>Something is published that the cluster does not say: somebody else may have written it, and a person must look.</summary>
    Unexpected,
}
