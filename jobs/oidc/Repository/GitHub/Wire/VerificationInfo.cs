namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>What GitHub thinks of a commit's signature.</summary>
/// <param name="Reason">A word such as <c>valid</c>, <c>unknown_key</c>, <c>unverified_email</c>.</param>
/// <param name="Payload">The commit as it was signed, or null without a signature.</param>
internal sealed record VerificationInfo(bool Verified = false, string? Reason = null, string? Payload = null);
