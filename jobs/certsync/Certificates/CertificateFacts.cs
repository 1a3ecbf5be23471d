namespace ClusterTrust.CertSync.Certificates;

/// <summary>The properties of a certificate without its key; none of them is secret.</summary>
/// <param name="Thumbprint">SHA-1 over the leaf's DER, lower-case hexadecimal: Key Vault's <c>x5t</c>.</param>
/// <param name="ChainSha256">SHA-256 over the concatenated DER of the chain as it is sent, lower-case hexadecimal.</param>
/// <param name="Names">A digest of the leaf's alternative names, or of its subject if it has none. Equal for every issue of the same certificate.</param>
/// <param name="IsCertificateAuthority">Whether the leaf may sign other certificates (basicConstraints, <c>cA</c>).</param>
public sealed record CertificateFacts(
    string Thumbprint, string ChainSha256, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Names, string Issuer, bool IsCertificateAuthority = false)
{
    /// <summary>Digests of names, because a tenant's may be kilobytes long and are kept for every Secret that requests a name in the vault.</summary>
    internal static CertificateFacts Of(ChainCertificate leaf, string chainSha256) => new(
        leaf.Thumbprint,
        chainSha256,
        leaf.NotBefore,
        leaf.NotAfter,
        Sha256(string.Concat(leaf.Identities.Select(static name => $"{name.Length}:{name}"))),
        Sha256(leaf.Certificate.Issuer),
        leaf.HasAuthorityConstraint);

    /// <summary>SHA-256 of a text, lower-case hexadecimal.</summary>
    internal static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
