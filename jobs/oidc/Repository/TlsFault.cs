using System.Security.Authentication;

namespace ClusterTrust.Oidc.Repository;

internal static class TlsFault
{
    /// <summary>Why no TLS connection to the repository's server was made, to follow the server's name; null if TLS is not the cause.</summary>
    public static string? Of(HttpRequestException fault) => fault.InnerException switch
    {
        ServerCertificateException certificate => certificate.Explain(
            "set SSL_CERT_FILE to a PEM file that contains its certificate authority", "correct the address, or check what answers there", namesFirst: true),
        AuthenticationException handshake => $"cannot be reached over TLS ({ServerText.Quote(handshake.Message)}): check that it supports TLS 1.2 or newer",
        _ => null,
    };
}
