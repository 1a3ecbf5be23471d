namespace ClusterTrust.Oidc.Verification;

/// <summary>The published issuer as it looks from outside.</summary>
/// <param name="Issuer">The issuer, to the character.</param>
/// <param name="Checks">What was looked at, in order.</param>
public sealed record VerificationReport(string Issuer, IReadOnlyList<Check> Checks)
{
    /// <summary>How old the served key set is (HTTP's <c>Age</c>); null when it was not served or does not say.</summary>
    public TimeSpan? KeySetAge { get; init; }

    /// <summary>The gravest result.</summary>
    public CheckResult Result => Checks.Max(check => check.Result);

    /// <summary>The sentences of everything that is not as it should be, the gravest first.</summary>
    public IEnumerable<Check> Problems => Checks.Where(check => check.Result != CheckResult.Ok).OrderByDescending(check => check.Result);
}
