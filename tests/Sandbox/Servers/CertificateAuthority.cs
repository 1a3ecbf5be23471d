using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Sandbox.Servers;

/// <summary>A certificate authority made when a sandbox starts and forgotten when it ends: every sandbox server's TLS certificate comes from it.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private readonly X509Certificate2 certificate;

    public CertificateAuthority(string commonName = "ClusterTrust sandbox CA")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.UtcNow;
        certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }

    /// <summary>The CA of every sandbox of this process, so that a job that runs in it can trust them all by one <c>SSL_CERT_FILE</c>.</summary>
    public static CertificateAuthority OfProcess { get; } = new();

    /// <summary>The CA certificate as PEM: what <c>SSL_CERT_FILE</c> of a job must contain.</summary>
    public string CertificatePem => certificate.ExportCertificatePem();

    /// <summary>Issues a server certificate for DNS names (wildcards allowed) and IP addresses.</summary>
    /// <param name="names">DNS names or IP address literals for the subject alternative name.</param>
    /// <param name="notBefore">Start of validity; an hour ago by default.</param>
    /// <param name="notAfter">End of validity; seven days from now by default. A past time makes an expired certificate on purpose.</param>
    public X509Certificate2 Issue(IReadOnlyCollection<string> names, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names.First()}", key, HashAlgorithmName.SHA256);
        var alternativeNames = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternativeNames.AddIpAddress(address);
            }
            else
            {
                alternativeNames.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternativeNames.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, true, false));
        var now = DateTimeOffset.UtcNow;
        using var issued = request.Create(certificate, notBefore ?? now.AddHours(-1), notAfter ?? now.AddDays(7), RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    public void Dispose() => certificate.Dispose();
}
