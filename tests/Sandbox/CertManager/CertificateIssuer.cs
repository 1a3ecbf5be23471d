using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.CertManager;

/// <summary>A private CA with a root and up to two intermediates, once for RSA leaves and once for EC ones: Key Vault takes no mixed chains.</summary>
public sealed class CertificateIssuer : IDisposable
{
    private readonly Lazy<Authority[]> rsa = new(() => Chain("RSA", static () => RSA.Create(2048)));
    private readonly Lazy<Authority[]> ec = new(() => Chain("EC", static () => ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    /// <summary>Issues a certificate.</summary>
    /// <param name="spec">What is asked for.</param>
    /// <param name="notBefore">When its validity begins; a minute ago when null.</param>
    /// <param name="sharedKey">A key to use again instead of a new one.</param>
    public Issuance Issue(CertificateSpec spec, DateTimeOffset? notBefore = null, AsymmetricAlgorithm? sharedKey = null)
    {
        var chain = spec.Ec ? ec.Value : rsa.Value;
        var signer = chain[spec.Intermediates];
        using var fresh = sharedKey is null ? NewKey(spec.Ec) : null;
        var key = sharedKey ?? fresh!;
        var request = new CertificateRequest(new X500DistinguishedName($"CN={spec.DnsNames[0]}"), new PublicKey(key), HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in spec.DnsNames)
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            spec.Ec ? X509KeyUsageFlags.DigitalSignature : X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        var start = notBefore ?? DateTimeOffset.UtcNow.AddMinutes(-1);
        var leaf = signer.Sign(request, start, start + spec.Lifetime);
        var pem = leaf.ExportCertificatePem() + "\n" + string.Concat(chain[1..(spec.Intermediates + 1)].Reverse().Select(ca => ca.Pem));
        var keyPem = KeyPem(key, spec.KeyForm);
        KnownSecrets.AddKey(keyPem);
        return new Issuance(leaf, pem, keyPem, chain[0].Pem);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var authority in new[] { rsa, ec }.Where(chain => chain.IsValueCreated).SelectMany(chain => chain.Value))
        {
            authority.Dispose();
        }
    }

    private static AsymmetricAlgorithm NewKey(bool isEc) => isEc ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);

    private static string KeyPem(AsymmetricAlgorithm key, KeyForm form) => (form, key) switch
    {
        (KeyForm.Pkcs8, _) => key.ExportPkcs8PrivateKeyPem(),
        (_, RSA rsa) => rsa.ExportRSAPrivateKeyPem(),
        _ => ((ECDsa)key).ExportECPrivateKeyPem(),
    } + "\n";

    private static Authority[] Chain(string kind, Func<AsymmetricAlgorithm> newKey)
    {
        var root = Authority.Make($"Sandbox {kind} root", newKey(), null);
        var first = Authority.Make($"Sandbox {kind} intermediate 1", newKey(), root);
        return [root, first, Authority.Make($"Sandbox {kind} intermediate 2", newKey(), first)];
    }
}
