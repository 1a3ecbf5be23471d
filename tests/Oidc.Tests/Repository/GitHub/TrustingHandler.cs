using System.Net;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>What SSL_CERT_FILE does for a process, for one client.</summary>
internal static class TrustingHandler
{
    public static HttpMessageHandler For(CertificateAuthority authority) => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509Certificate2.CreateFromPem(authority.CertificatePem) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };
}
