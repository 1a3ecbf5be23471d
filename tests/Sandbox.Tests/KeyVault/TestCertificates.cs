using System.Collections.Concurrent;

namespace ClusterTrust.Sandbox.Tests.KeyVault;

/// <summary>Makes the certificates that tests import. RSA keys are made once for each size, since that takes long, unless a test wants another.</summary>
internal static class TestCertificates
{
    private static readonly ConcurrentDictionary<int, Lazy<RSA>> Keys = new();

    public static RSA SharedKey(int bits = 2048) => Keys.GetOrAdd(bits, static size => new Lazy<RSA>(() => RSA.Create(size))).Value;

    public static X509Certificate2 Rsa(
        string subject = "CN=example", RSA? key = null, DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        new CertificateRequest(subject, key ?? SharedKey(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(from ?? DateTimeOffset.UtcNow.AddHours(-1), to ?? DateTimeOffset.UtcNow.AddDays(90));

    public static X509Certificate2 Ec(ECCurve curve, Action<CertificateRequest>? extend = null)
    {
        using var key = ECDsa.Create(curve);
        var request = new CertificateRequest("CN=example", key, HashAlgorithmName.SHA256);
        extend?.Invoke(request);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(90));
    }

    /// <summary>A leaf, with its key, signed by an authority with an EC key.</summary>
    public static X509Certificate2 Issue(X509Certificate2 authority, AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa
            ? new CertificateRequest("CN=leaf.example", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=leaf.example", (ECDsa)key, HashAlgorithmName.SHA256);
        using var ec = authority.GetECDsaPrivateKey();
        var generator = X509SignatureGenerator.CreateForECDsa(ec!);
        using var leaf = request.Create(authority.SubjectName, generator, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(90), [1, 2, 3]);
        return key is RSA leafRsa ? leaf.CopyWithPrivateKey(leafRsa) : leaf.CopyWithPrivateKey((ECDsa)key);
    }

    /// <summary>A PFX without a password, whatever keys the certificates have.</summary>
    public static byte[] Pfx(params X509Certificate2[] certificates) =>
        new X509Certificate2Collection(certificates).ExportPkcs12(Pkcs12ExportPbeParameters.Pkcs12TripleDesSha1, "");

    public static string PfxText(X509Certificate2 certificate) => Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12));

    /// <summary>Key first, then certificate.</summary>
    public static string Pem(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey();
        return $"{key!.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n";
    }
}
