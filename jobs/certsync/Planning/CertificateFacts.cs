namespace ClusterTrust.CertSync.Planning;

/// <summary>What the planner needs to know of a certificate that was read; nothing in here is secret.</summary>
/// <param name="Thumbprint">SHA-1 over the leaf's DER, lower-case hexadecimal.</param>
/// <param name="ChainSha256">SHA-256 over the whole chain as it would be sent, lower-case hexadecimal.</param>
/// <param name="NotBefore">Start of the leaf's validity.</param>
/// <param name="NotAfter">End of the leaf's validity.</param>
/// <param name="Names">A digest of the leaf's names, equal when they are the same set.</param>
/// <param name="Issuer">A digest of the leaf's issuer.</param>
public sealed record CertificateFacts(
    string Thumbprint, string ChainSha256, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Names, string Issuer)
{
    /// <summary>Whether the leaf may sign other certificates (basic constraints, <c>cA</c>).</summary>
    public bool IsCertificateAuthority { get; init; }
}
