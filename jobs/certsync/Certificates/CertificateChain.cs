namespace ClusterTrust.CertSync.Certificates;

/// <summary>The candidate certificates, ordered.</summary>
/// <param name="Certificates">The chain, leaf first, each followed by its issuer; its root last if it was there.</param>
/// <param name="HasRoot">The last one signed itself.</param>
/// <param name="HasGap">An issuer is missing that clients will not have by themselves.</param>
/// <param name="Unrelated">Certificates that no path from the leaf reaches.</param>
internal sealed record CertificateChain(
    IReadOnlyList<ChainCertificate> Certificates, bool HasRoot, bool HasGap, IReadOnlyList<ChainCertificate> Unrelated);
