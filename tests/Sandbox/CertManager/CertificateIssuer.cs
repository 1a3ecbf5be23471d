using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Sandbox.CertManager;

/// <summary>What an issuer made: the leaf and the entries of its Secret.</summary>
/// <param name="Leaf">The certificate, without its key.</param>
/// <param name="ChainPem">Leaf and intermediates: <c>tls.crt</c>.</param>
/// <param name="KeyPem">The private key: <c>tls.key</c>.</param>
/// <param name="CaPem">The root: <c>ca.crt</c>.</param>
public sealed record Issuance(X509Certificate2 Leaf, string ChainPem, string KeyPem, string CaPem)
{
    /// <summary>Lower-case hexadecimal SHA-1, as Key Vault's x5t.</summary>
    public string Thumbprint => Convert.ToHexStringLower(Leaf.GetCertHash());

    /// <summary>The Secret's data.</summary>
    public Dictionary<string, byte[]> Data => new()
    {
        ["tls.crt"] = Encoding.ASCII.GetBytes(ChainPem),
        ["tls.key"] = Encoding.ASCII.GetBytes(KeyPem),
        ["ca.crt"] = Encoding.ASCII.GetBytes(CaPem),
    };
}

/// <summary>The private CA of this process with a root and two intermediates, once for RSA leaves and once for EC ones: Key Vault takes no mixed chains.</summary>
public static class CertificateIssuer
{
    private static readonly Lazy<Authority[]> Rsa = new(static () => Chain("RSA", static () => RSA.Create(2048)));
    private static readonly Lazy<Authority[]> Ec = new(static () => Chain("EC", static () => ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    /// <summary>Issues a certificate. An RSA key may be that of another certificate.</summary>
    /// <param name="notBefore">When its validity begins; a minute ago when null.</param>
    /// <param name="key">The leaf's key, of the kind that the specification asks for; the issuer's choice when null.</param>
    public static Issuance Issue(CertificateSpec spec, DateTimeOffset? notBefore = null, AsymmetricAlgorithm? key = null)
    {
        var chain = spec.Ec ? Ec.Value : Rsa.Value;
        var signer = chain[spec.Intermediates];
        using var chosen = key is not null ? null : spec.Ec ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : (AsymmetricAlgorithm)RsaKeys.Shared();
        key ??= chosen!;
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
        var pem = leaf.ExportCertificatePem() + "\n" + string.Concat(chain[1..(spec.Intermediates + 1)].Reverse().Select(static ca => ca.Pem));
        var keyPem = KeyPem(key, spec.KeyForm);
        KnownSecrets.AddKey(keyPem);
        return new Issuance(leaf, pem, keyPem, chain[0].Pem);
    }

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

    /// <summary>One CA certificate with its key.</summary>
    private sealed class Authority
    {
        private readonly Lock gate = new();
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
            lock (gate)
            {
                request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
                request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(
                    new X509SubjectKeyIdentifierExtension(new PublicKey(key), false)));
                return request.Create(certificate.SubjectName, Generator(key), notBefore, notAfter, NewSerial());
            }
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
}
