namespace ClusterTrust.Oidc.Repository.GitHub.Wire;

/// <summary>How two commits relate.</summary>
/// <param name="Status">Of the second to the first: <c>ahead</c>, <c>behind</c>, <c>identical</c> or <c>diverged</c>.</param>
internal sealed record Comparison(string? Status = null);
