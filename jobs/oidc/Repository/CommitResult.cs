namespace ClusterTrust.Oidc.Repository;

/// <summary>A commit that is on the branch.</summary>
/// <param name="Sha">Its id in hexadecimal.</param>
/// <param name="Branch">The branch's short name.</param>
public sealed record CommitResult(string Sha, string Branch);
