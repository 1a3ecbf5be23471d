using System.Collections.Concurrent;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>Creates the certificates that tests import. RSA keys are generated once for each size, because that takes long.</summary>
internal static class TestCertificates
{
    private static readonly ConcurrentDictionary<int, Lazy<RSA>> Keys = new();

    public static RSA SharedKey(int bits = 2048) => Keys.GetOrAdd(bits, static size => new Lazy<RSA>(() => RSA.Create(size))).Value;

    public static X509Certificate2 Rsa(string subject = "CN=example", RSA? key = null, DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        new CertificateRequest(subject, key ?? SharedKey(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(from ?? DateTimeOffset.UtcNow.AddHours(-1), to ?? DateTimeOffset.UtcNow.AddDays(90));

    public static X509Certificate2 Ec(ECCurve curve, X509KeyUsageFlags? usages = null)
    {
        var request = new CertificateRequest("CN=example", ECDsa.Create(curve), HashAlgorithmName.SHA256);
        if (usages is { } known)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(known, true));
        }

        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(90));
    }

    /// <summary>A leaf with its RSA key, and the certificate of the authority with an EC key that signed it.</summary>
    public static X509Certificate2[] RsaSignedByEc()
    {
        var authority = Ec(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf.example", SharedKey(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var generator = X509SignatureGenerator.CreateForECDsa(authority.GetECDsaPrivateKey()!);
        var leaf = request.Create(authority.SubjectName, generator, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(90), [1, 2, 3]);
        return [leaf.CopyWithPrivateKey(SharedKey()), X509CertificateLoader.LoadCertificate(authority.RawData)];
    }

    /// <summary>A PFX without a password, whatever keys the certificates have.</summary>
    public static string Pfx(params X509Certificate2[] certificates) =>
        Convert.ToBase64String(new X509Certificate2Collection(certificates).ExportPkcs12(Pkcs12ExportPbeParameters.Pkcs12TripleDesSha1, ""));

    /// <summary>Key first, then certificate.</summary>
    public static string Pem(X509Certificate2 certificate) => $"{certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n";
}
