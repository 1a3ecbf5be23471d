namespace ClusterTrust.Oidc.Repository;

/// <summary>Whether, and by whom, commits are signed.</summary>
/// <param name="Signer">Signs; null for unsigned commits.</param>
public sealed record CommitSigning(ICommitSigner? Signer);
