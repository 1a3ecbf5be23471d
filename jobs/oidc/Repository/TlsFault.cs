using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Oidc.Repository;

/// <summary>Explains why no TLS connection to the repository's server was made.</summary>
internal static class TlsFault
{
    /// <summary>What is wrong and what to do, to follow the server's name; null if TLS is not the cause.</summary>
    public static string? Of(HttpRequestException fault)
    {
        if (fault.InnerException is not AuthenticationException { Message: var message })
        {
            return null;
        }

        // The message ends with the flags that .NET found.
        return Has(nameof(SslPolicyErrors.RemoteCertificateNameMismatch)) ? "presents a certificate for other names: correct the address, or check what answers there"
            : Has(nameof(X509ChainStatusFlags.UntrustedRoot)) || Has(nameof(X509ChainStatusFlags.PartialChain))
                ? $"presents a certificate that is not trusted ({ServerText.Quote(message)}): set SSL_CERT_FILE to the file of its certificate authority"
            : Has(nameof(X509ChainStatusFlags.NotTimeValid)) ? "presents a certificate that has expired or is not yet valid: have it renewed, or correct this machine's clock"
            : $"cannot be reached over TLS ({ServerText.Quote(message)}): check its certificate, and that it supports TLS 1.2 or newer";

        bool Has(string flag) => message.Contains(flag, StringComparison.Ordinal);
    }
}
