namespace ClusterTrust.Bench;

/// <summary>How much there is.</summary>
/// <param name="Commits">The length of the issuer repository's history.</param>
/// <param name="Secrets">How many certificates cert-manager has issued.</param>
internal sealed record Scale(int Commits, int Secrets);
