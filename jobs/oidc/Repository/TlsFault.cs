using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Oidc.Repository;

/// <summary>The certificate of the repository's server is not accepted.</summary>
/// <param name="clause">What is wrong with it and what to do, to follow the server's name.</param>
internal sealed class TlsFault(string clause) : AuthenticationException(clause)
{
    /// <summary>The <see cref="RemoteCertificateValidationCallback"/>: true, or an exception with the reason.</summary>
    public static bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status) ?? X509ChainStatusFlags.PartialChain;
        throw new TlsFault(errors switch
        {
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => "presents a certificate for other names: correct the address, or check what answers there",
            _ when (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0 =>
                "presents a certificate that is not trusted: set SSL_CERT_FILE to the file of its certificate authority",
            _ when status.HasFlag(X509ChainStatusFlags.NotTimeValid) => "presents a certificate that has expired or is not yet valid: have it renewed, or correct this machine's clock",
            _ => $"presents a certificate that is not valid ({errors}, {status}): have it replaced",
        });
    }

    /// <summary>Why no TLS connection was made, to follow the server's name; null if TLS is not the cause.</summary>
    public static string? Of(HttpRequestException fault) => fault.InnerException switch
    {
        TlsFault certificate => certificate.Message,
        AuthenticationException handshake => $"cannot be reached over TLS ({ServerText.Quote(handshake.Message)}): check that it supports TLS 1.2 or newer",
        _ => null,
    };
}
