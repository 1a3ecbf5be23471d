using System.Net.Security;

namespace ClusterTrust.Kubernetes;

/// <summary>Decides whether an API server's certificate is trusted, or why it is not.</summary>
/// <param name="authorities">The trusted CA certificates; null for the system's.</param>
internal sealed class ServerTrust(X509Certificate2Collection? authorities)
{
    private volatile IReadOnlyCollection<string> _certificateNames = [];

    /// <summary>The DNS names and IP addresses in the latest trusted certificate; empty before the first.</summary>
    public IReadOnlyCollection<string> CertificateNames => _certificateNames;

    /// <summary>Builds chains to the configured authorities only, without network access; null for the system's policy.</summary>
    public X509ChainPolicy? ChainPolicy()
    {
        if (authorities is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <summary>The <see cref="RemoteCertificateValidationCallback"/>.</summary>
    /// <returns>True.</returns>
    /// <exception cref="ServerCertificateException">The certificate is not accepted.</exception>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var isAccepted = ServerCertificateException.Validate(sender, certificate, chain, EndsAtAnAuthority(chain) ? errors & ~SslPolicyErrors.RemoteCertificateChainErrors : errors);
        _certificateNames = certificate is X509Certificate2 trusted ? [.. ServerCertificateException.NamesOf(trusted)] : [];
        return isAccepted;
    }

    // A CA file may contain an intermediate authority without its root. Go, and so every other client of the cluster, accepts it
    // as an anchor; .NET requires a self-signed root.
    private bool EndsAtAnAuthority(X509Chain? chain) =>
        authorities is not null
        && ServerCertificateException.StatusOf(chain) == X509ChainStatusFlags.PartialChain
        && chain?.ChainElements is [.., var last]
        && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(last.Certificate.RawDataMemory.Span));
}
