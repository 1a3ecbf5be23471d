using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Text;

namespace ClusterTrust.Oidc.Verification;

/// <summary>The public site's certificate is not accepted.</summary>
/// <param name="sentence">What is wrong with it and what to do, to follow the host's name.</param>
/// <param name="isTrustFault">Whether the only fault is an untrusted CA, which may be missing in this pod only.</param>
internal sealed class SiteCertificateException(string sentence, bool isTrustFault) : AuthenticationException(sentence)
{
    private const int MostNames = 5;

    /// <summary>Whether the only fault is an untrusted CA, which may be missing in this pod only.</summary>
    public bool IsTrustFault => isTrustFault;

    /// <summary>The <see cref="RemoteCertificateValidationCallback"/>: true, or an exception with the reason.</summary>
    public static bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (certificate is not X509Certificate2 shown || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            throw new SiteCertificateException("presents no TLS certificate: serve the site over https.", isTrustFault: false);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status) ?? X509ChainStatusFlags.PartialChain;
            throw status switch
            {
                X509ChainStatusFlags.NotTimeValid => new SiteCertificateException(
                    string.Create(CultureInfo.InvariantCulture, $"presents a TLS certificate that is valid from {shown.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {shown.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC only: renew it, or correct this machine's clock."),
                    isTrustFault: false),
                _ when (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0 => new SiteCertificateException(
                    "presents a TLS certificate whose CA is not trusted: clouds will refuse it, too, unless only this pod lacks its CA (SSL_CERT_FILE).", isTrustFault: true),
                _ => new SiteCertificateException($"presents a TLS certificate that is not valid ({status}): replace it.", isTrustFault: false),
            };
        }

        var names = shown.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static extension => extension.EnumerateDnsNames()).Take(MostNames).ToArray();
        throw new SiteCertificateException(
            names.Contains("*.github.io", StringComparer.OrdinalIgnoreCase)
                ? "presents GitHub's certificate for *.github.io, not one of its own: Pages has not issued the custom domain's certificate yet; check its DNS record and the custom domain in the Pages settings, and wait up to a day."
                : $"presents a TLS certificate for other names ({Sanitizer.Sanitize(string.Join(", ", names))}): correct the certificate, or the issuer's host name.",
            isTrustFault: false);
    }
}
