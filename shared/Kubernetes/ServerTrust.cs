using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Hosting;
using ClusterTrust.Text;

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
    /// <returns>True when the certificate is trusted.</returns>
    /// <exception cref="CertificateFaultException">It is not.</exception>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            _certificateNames = certificate is X509Certificate2 trusted ? [.. AllNames(trusted)] : [];
            return true;
        }

        if (certificate is not X509Certificate2 shown || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            throw new CertificateFaultException("cannot be accepted (the server sent none): renew it");
        }

        var statuses = chain?.ChainStatus.Select(static s => s.Status).Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one) ?? X509ChainStatusFlags.NoError;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && !EndsAtAnAuthority(chain, statuses))
        {
            throw (statuses & ~X509ChainStatusFlags.RevocationStatusUnknown) switch
            {
                X509ChainStatusFlags.NotTimeValid => new CertificateFaultException(
                    $"is not valid now ({Sanitizer.Sanitize(Validity(chain, shown))}): renew it, or correct this machine's clock"),
                var s when s.HasFlag(X509ChainStatusFlags.UntrustedRoot) || s.HasFlag(X509ChainStatusFlags.PartialChain) => new CertificateFaultException(
                    $"was not issued by a trusted CA ({statuses}): give the CA of this cluster (ca.crt of the ServiceAccount, or certificate-authority in the kubeconfig)", ExitCode.Usage),
                _ => new CertificateFaultException($"cannot be accepted ({statuses}): renew it"),
            };
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            throw new CertificateFaultException(
                $"is for other names ({Sanitizer.Sanitize(string.Join(", ", AllNames(shown).Take(8)))}): use one of them in the address, or set tls-server-name in the kubeconfig", ExitCode.Usage);
        }

        _certificateNames = [.. AllNames(shown)];
        return true;
    }

    // A CA file may hold an intermediate authority without its root. Go, and so every other client of the cluster, accepts it
    // as an anchor; .NET requires a self-signed root.
    private bool EndsAtAnAuthority(X509Chain? chain, X509ChainStatusFlags statuses) =>
        authorities is not null
        && statuses == X509ChainStatusFlags.PartialChain
        && chain!.ChainElements is [.., var last]
        && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(last.Certificate.RawDataMemory.Span));

    // The chain also fails for an expired authority, and for a leaf that is not valid yet, on a node whose clock is behind.
    private static string Validity(X509Chain? chain, X509Certificate2 shown)
    {
        var untimely = chain?.ChainElements.FirstOrDefault(static element => element.ChainElementStatus.Any(static status => status.Status == X509ChainStatusFlags.NotTimeValid))?.Certificate ?? shown;
        var who = untimely.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span) ? "it" : $"its CA {untimely.Subject}";
        return string.Create(CultureInfo.InvariantCulture, $"{who} is valid from {untimely.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {untimely.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC");
    }

    private static IEnumerable<string> AllNames(X509Certificate2 certificate) => certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())));
}

/// <summary>Ends a TLS handshake because of the server's certificate.</summary>
/// <param name="clause">What is wrong with it and what to do, to follow its name.</param>
/// <param name="exitCode">The exit code if the fault is not handled.</param>
internal sealed class CertificateFaultException(string clause, ExitCode exitCode = ExitCode.Failed) : AuthenticationException($"The server's certificate {clause}.")
{
    public string Clause { get; } = clause;

    public ExitCode ExitCode { get; } = exitCode;
}
