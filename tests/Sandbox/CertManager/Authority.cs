using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Sandbox.CertManager;

/// <summary>One CA certificate with its key.</summary>
internal sealed class Authority : IDisposable
{
    private readonly X509Certificate2 certificate;
    private readonly AsymmetricAlgorithm key;

    private Authority(X509Certificate2 certificate, AsymmetricAlgorithm key) => (this.certificate, this.key) = (certificate, key);

    /// <summary>The certificate, PEM with a last line feed.</summary>
    public string Pem => certificate.ExportCertificatePem() + "\n";

    /// <summary>Makes a CA; one without an issuer signs itself.</summary>
    public static Authority Make(string name, AsymmetricAlgorithm key, Authority? issuer)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={name}"), new PublicKey(key), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var now = DateTimeOffset.UtcNow;
        var certificate = issuer is null
            ? request.Create(request.SubjectName, Generator(key), now.AddYears(-1), now.AddYears(10), NewSerial())
            : issuer.Sign(request, now.AddYears(-1), now.AddYears(5));
        return new Authority(certificate, key);
    }

    /// <summary>Signs a request, with the key identifiers that chains are built by.</summary>
    public X509Certificate2 Sign(CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(
            new X509SubjectKeyIdentifierExtension(new PublicKey(key), false)));
        return request.Create(certificate.SubjectName, Generator(key), notBefore, notAfter, NewSerial());
    }

    public void Dispose()
    {
        certificate.Dispose();
        key.Dispose();
    }

    private static X509SignatureGenerator Generator(AsymmetricAlgorithm key) => key is RSA rsa
        ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : X509SignatureGenerator.CreateForECDsa((ECDsa)key);

    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)(serial[0] & 0x7F | 0x40);
        return serial;
    }
}
