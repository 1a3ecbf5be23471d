using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>A certificate as no good issuer makes one, with its key.</summary>
internal sealed class TestLeaf : IDisposable
{
    private readonly AsymmetricAlgorithm key;
    private readonly X509Certificate2 certificate;

    private TestLeaf(AsymmetricAlgorithm key, X509Certificate2 certificate) => (this.key, this.certificate) = (key, certificate);

    public string CertificatePem => certificate.ExportCertificatePem() + "\n";

    public string KeyPem => key.ExportPkcs8PrivateKeyPem() + "\n";

    public X509Certificate2 Certificate => certificate;

    public AsymmetricAlgorithm Key => key;

    /// <summary>The Secret's data.</summary>
    public Dictionary<string, byte[]> Data => new() { ["tls.crt"] = Encoding.ASCII.GetBytes(CertificatePem), ["tls.key"] = Encoding.ASCII.GetBytes(KeyPem) };

    /// <summary>cert-manager's stand-in until the real certificate is issued.</summary>
    public static TestLeaf Temporary() => SelfSigned(RSA.Create(2048), "CN=cert-manager.local");

    /// <summary>A certificate that signs itself.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="subject">Its name.</param>
    /// <param name="adjust">Changes the request.</param>
    /// <param name="start">When its validity begins, in days from now; it lasts 30 days.</param>
    public static TestLeaf SelfSigned(AsymmetricAlgorithm key, string subject, Action<CertificateRequest>? adjust = null, int start = -1)
    {
        var request = Request(key, subject, adjust);
        var generator = key is RSA rsa ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1) : X509SignatureGenerator.CreateForECDsa((ECDsa)key);
        return new TestLeaf(key, Create(request, request.SubjectName, generator, start));
    }

    /// <summary>A certificate signed by another kind of key than its own.</summary>
    public static TestLeaf SignedBy(AsymmetricAlgorithm key, string subject, ECDsa issuer)
    {
        var request = Request(key, subject, null);
        return new TestLeaf(key, Create(request, new X500DistinguishedName("CN=EC CA"), X509SignatureGenerator.CreateForECDsa(issuer), -1));
    }

    public void Dispose()
    {
        certificate.Dispose();
        key.Dispose();
    }

    private static CertificateRequest Request(AsymmetricAlgorithm key, string subject, Action<CertificateRequest>? adjust)
    {
        var request = new CertificateRequest(new X500DistinguishedName(subject), new PublicKey(key), HashAlgorithmName.SHA256);
        adjust?.Invoke(request);
        return request;
    }

    private static X509Certificate2 Create(CertificateRequest request, X500DistinguishedName issuer, X509SignatureGenerator generator, int start)
    {
        var begin = DateTimeOffset.UtcNow.AddDays(start);
        return request.Create(issuer, generator, begin, begin.AddDays(30), [1, 2, 3, 4]);
    }
}
