using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Kubernetes.Transport;

/// <summary>Decides whether an API server's certificate is trusted, and says precisely why not.</summary>
/// <param name="authorities">The CA certificates of the configuration; null trusts the system's.</param>
internal sealed class ServerTrust(X509Certificate2Collection? authorities)
{
    private volatile IReadOnlyCollection<string> certificateNames = [];

    /// <summary>The DNS names and IP addresses in the latest certificate that was accepted; empty before the first.</summary>
    public IReadOnlyCollection<string> CertificateNames => certificateNames;

    /// <summary>How the chain is built: up to the configured authorities and to nothing else, without asking the network.</summary>
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
    /// <returns>True when the certificate is trusted.</returns>
    /// <exception cref="CertificateFaultException">It is not.</exception>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            certificateNames = certificate is X509Certificate2 trusted ? [.. AllNames(trusted)] : [];
            return true;
        }

        if (certificate is not X509Certificate2 shown || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            throw new CertificateFaultException(CertificateFault.Missing, "none was shown");
        }

        var statuses = chain?.ChainStatus.Select(static s => s.Status).Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one) ?? X509ChainStatusFlags.NoError;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && !EndsAtAnAuthority(chain, statuses))
        {
            var fault = (statuses & ~X509ChainStatusFlags.RevocationStatusUnknown) switch
            {
                X509ChainStatusFlags.NotTimeValid => CertificateFault.NotValidNow,
                var s when s.HasFlag(X509ChainStatusFlags.UntrustedRoot) || s.HasFlag(X509ChainStatusFlags.PartialChain) => CertificateFault.UnknownAuthority,
                _ => CertificateFault.Invalid,
            };
            throw new CertificateFaultException(fault, fault == CertificateFault.NotValidNow ? Validity(chain, shown) : statuses.ToString());
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            throw new CertificateFaultException(CertificateFault.OtherName, string.Join(", ", AllNames(shown).Take(8)));
        }

        certificateNames = [.. AllNames(shown)];
        return true;
    }

    // A CA file may hold an intermediate authority without its root. Go, and so every other client of the cluster, accepts it
    // as an anchor; .NET asks for a self-signed root.
    private bool EndsAtAnAuthority(X509Chain? chain, X509ChainStatusFlags statuses) =>
        authorities is not null
        && statuses == X509ChainStatusFlags.PartialChain
        && chain!.ChainElements is [.., var last]
        && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(last.Certificate.RawDataMemory.Span));

    // A chain also fails for an authority whose time is over, and a leaf also before its time, on a node whose clock is behind.
    private static string Validity(X509Chain? chain, X509Certificate2 shown)
    {
        var untimely = chain?.ChainElements.FirstOrDefault(static element => element.ChainElementStatus.Any(static status => status.Status == X509ChainStatusFlags.NotTimeValid))?.Certificate ?? shown;
        var who = untimely.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span) ? "it" : $"its CA {untimely.Subject}";
        return string.Create(CultureInfo.InvariantCulture, $"{who} is valid from {untimely.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {untimely.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC");
    }

    private static IEnumerable<string> AllNames(X509Certificate2 certificate) => certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())));
}
