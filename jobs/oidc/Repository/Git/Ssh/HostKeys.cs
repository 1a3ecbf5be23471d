namespace ClusterTrust.Oidc.Repository.Git.Ssh;

/// <summary>What is known of one host.</summary>
/// <param name="Trusted">The keys it may have.</param>
/// <param name="Revoked">The keys it must not have.</param>
/// <param name="HasAuthority">Whether a certificate authority is listed for it, which is of no use here.</param>
internal sealed record HostKeys(IReadOnlyList<HostKey> Trusted, IReadOnlyList<HostKey> Revoked, bool HasAuthority);
