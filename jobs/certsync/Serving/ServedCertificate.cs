namespace ClusterTrust.CertSync.Serving;

/// <summary>What an endpoint served in a TLS handshake.</summary>
/// <param name="Thumbprint">SHA-1 over the leaf's DER, lower-case hexadecimal.</param>
/// <param name="ReachesRoot">
/// Whether the certificates that were sent lead to a root: one that was sent, or one that this machine trusts. Dates and trust are
/// ignored.
/// </param>
public sealed record ServedCertificate(string Thumbprint, DateTimeOffset NotBefore, DateTimeOffset NotAfter, bool ReachesRoot)
{
    private const int LongestName = 120;

    /// <summary>The leaf's subject, sanitized.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The leaf's issuer, sanitized.</summary>
    public string Issuer { get; init; } = "";

    /// <summary><see cref="CertificateBundle.DigestsOf"/>: one of them is the tag <see cref="Ownership.ChainTag"/> if everything that was imported is sent.</summary>
    public ImmutableArray<string> ChainDigests { get; init; } = [];

    /// <param name="chain">The certificates as they were sent, leaf first; at least one.</param>
    public static ServedCertificate Read(IReadOnlyList<X509Certificate2> chain, bool reachesRoot)
    {
        var leaf = chain[0];
        return new ServedCertificate(
            Convert.ToHexStringLower(leaf.GetCertHash()), new DateTimeOffset(leaf.NotBefore).ToUniversalTime(), new DateTimeOffset(leaf.NotAfter).ToUniversalTime(), reachesRoot)
        {
            Subject = Sanitizer.Sanitize(leaf.Subject, LongestName),
            Issuer = Sanitizer.Sanitize(leaf.Issuer, LongestName),
            ChainDigests = CertificateBundle.DigestsOf(chain),
        };
    }
}
