namespace ClusterTrust.Oidc.Verification;

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">What: <c>discovery document</c>, <c>key set</c>, <c>token</c>.</param>
/// <param name="Result">How it came out.</param>
/// <param name="Sentence">What was seen; for a fault, its cause and its cure.</param>
public sealed record Check(string Subject, CheckResult Result, string Sentence);
