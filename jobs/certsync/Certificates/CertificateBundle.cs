using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>A certificate, its chain and its private key, ready for the vault. Holds the key in memory until disposed of.</summary>
public sealed class CertificateBundle : IDisposable
{
    private readonly IReadOnlyList<ChainCertificate> certificates;
    private readonly PrivateKey key;

    internal CertificateBundle(IReadOnlyList<ChainCertificate> certificates, PrivateKey key, IReadOnlyList<string> warnings)
    {
        this.certificates = certificates;
        this.key = key;
        var leaf = certificates[0];
        Chain = [.. certificates.Select(certificate => certificate.Certificate)];
        Thumbprint = leaf.Thumbprint;
        ChainSha256 = Hash(Chain);
        Identities = leaf.Identities.Count > 0 ? leaf.Identities : [$"subject:{leaf.SubjectText}"];
        DnsNames = SubjectIdentities.DnsNames(leaf.Identities);
        Warnings = warnings;
    }

    /// <summary>The certificate the key belongs to, without the key.</summary>
    public X509Certificate2 Leaf => certificates[0].Certificate;

    /// <summary>All certificates as they are sent, leaf first, each followed by its issuer.</summary>
    public IReadOnlyList<X509Certificate2> Chain { get; }

    /// <summary>Lower-case hexadecimal SHA-1 over the leaf's DER form: Key Vault's <c>x5t</c>.</summary>
    public string Thumbprint { get; }

    /// <summary>Lower-case hexadecimal SHA-256 over the DER forms of the chain as it is sent, one after the other.</summary>
    public string ChainSha256 { get; }

    /// <summary>Start of the leaf's validity, UTC.</summary>
    public DateTimeOffset NotBefore => certificates[0].NotBefore;

    /// <summary>End of the leaf's validity, UTC.</summary>
    public DateTimeOffset NotAfter => certificates[0].NotAfter;

    /// <summary>DNS names the leaf speaks for, lower case, sorted.</summary>
    public IReadOnlyList<string> DnsNames { get; }

    /// <summary>
    /// Every name the leaf speaks for, with its kind (<c>DNS:</c>, <c>IP:</c>, <c>URI:</c>, <c>email:</c>), sorted; its subject if
    /// it has no alternative names. Two certificates with equal lists are issues of the same certificate.
    /// </summary>
    public IReadOnlyList<string> Identities { get; }

    /// <summary>RSA or EC.</summary>
    public KeyAlgorithm KeyAlgorithm => key.Algorithm;

    /// <summary>Bits of the key.</summary>
    public int KeySize => key.Size;

    /// <summary>Whether the leaf may sign other certificates (basicConstraints, <c>cA</c>).</summary>
    public bool IsCertificateAuthority => certificates[0].HasAuthorityConstraint;

    /// <summary>The policy to import it with; null if the vault takes the key's properties from the certificate, as it usually does.</summary>
    public KeyPolicy? KeyPolicy { get; init; }

    /// <summary>What is odd but does not keep the certificate from going, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads the three entries of a TLS Secret.</summary>
    /// <param name="tlsCrt">PEM: the leaf and perhaps its chain, in any order, with anything around it.</param>
    /// <param name="tlsKey">PEM: the private key. The caller wipes it; no copy outlives the bundle.</param>
    /// <param name="caCrt">PEM: CA certificates that may complete the chain; may be empty.</param>
    /// <param name="options">How the chain is put together.</param>
    /// <exception cref="CertificateFormatException">The certificate cannot go to the vault.</exception>
    public static CertificateBundle Parse(ReadOnlyMemory<byte> tlsCrt, ReadOnlyMemory<byte> tlsKey, ReadOnlyMemory<byte> caCrt, BundleOptions options) =>
        CertificateParser.Parse(tlsCrt.Span, tlsKey.Span, caCrt.Span, options);

    /// <summary>Throws if the leaf's validity has ended, because Key Vault refuses expired certificates.</summary>
    /// <exception cref="CertificateFormatException"><see cref="CertificateFault.Expired"/>.</exception>
    public void ThrowIfExpired(DateTimeOffset now)
    {
        if (now > NotAfter)
        {
            throw new CertificateFormatException(CertificateFault.Expired,
                $"The certificate expired at {Instant(NotAfter)} and Key Vault refuses expired certificates; find out why it was not renewed (kubectl describe certificate).");
        }
    }

    /// <summary>The warnings, and those that depend on the time: not yet valid, a CA certificate of the chain expired.</summary>
    public IReadOnlyList<string> WarningsAt(DateTimeOffset now)
    {
        var all = new List<string>(Warnings);
        if (now < NotBefore)
        {
            all.Add($"The certificate is not valid before {Instant(NotBefore)}; clients refuse it until then.");
        }

        all.AddRange(certificates.Skip(1).Where(authority => now > authority.NotAfter)
            .Select(authority => $"The CA certificate {authority.SubjectText} in the chain expired at {Instant(authority.NotAfter)}; have the issuer send its present one."));
        return all;
    }

    /// <summary>The bundle as PFX with an empty password, leaf first, made in memory.</summary>
    /// <returns>The file; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault takes.</exception>
    public byte[] ToPfx(PfxEncryption encryption = PfxEncryption.TripleDesSha1) => PfxWriter.Write(Chain, key, encryption);

    /// <summary>The bundle as PEM text for <c>application/x-pem-file</c>: PKCS#8 key first, then the chain, leaf first.</summary>
    /// <returns>ASCII text; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault takes.</exception>
    public byte[] ToPem() => PemWriter.Write(Chain, key);

    public void Dispose()
    {
        key.Dispose();
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }

    private static string Hash(IReadOnlyList<X509Certificate2> chain)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var certificate in chain)
        {
            sha256.AppendData(certificate.RawDataMemory.Span);
        }

        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    private static string Instant(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
