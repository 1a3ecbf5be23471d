using System.Security.Cryptography.Pkcs;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>How a chain is built.</summary>
/// <param name="IncludeRoot">Keep the self-signed root at the end of the chain. Default false, as TLS servers do.</param>
/// <param name="StrictChain">Refuse a chain with a gap instead of only reporting it. Default false.</param>
public sealed record BundleOptions(bool IncludeRoot = false, bool StrictChain = false);

/// <summary>The encryption of a PFX (RFC 7292). The password is always empty, so this affects compatibility, not confidentiality.</summary>
public enum PfxEncryption
{
    /// <summary>pbeWithSHA1And3-KeyTripleDES-CBC with a SHA-1 MAC: what Key Vault writes itself, and all of its readers accept.</summary>
    TripleDesSha1,

    /// <summary>PBES2 with AES-256-CBC and a SHA-256 MAC.</summary>
    Aes256Sha256,
}

/// <summary>A certificate, its chain and its private key, ready to import. Holds the key in memory until disposed of.</summary>
public sealed class CertificateBundle : IDisposable
{
    private readonly IReadOnlyList<ChainCertificate> _certificates;
    private readonly AsymmetricAlgorithm _key;

    /// <param name="certificates">Leaf first; owned from now on, as is the key.</param>
    internal CertificateBundle(IReadOnlyList<ChainCertificate> certificates, AsymmetricAlgorithm key, IReadOnlyList<string> warnings)
    {
        (_certificates, _key, Warnings) = (certificates, key, warnings);
        Chain = [.. certificates.Select(static certificate => certificate.Certificate)];
        Facts = CertificateFacts.Of(certificates[0], DigestsOf(Chain)[^1]);
    }

    public CertificateFacts Facts { get; }

    /// <summary>All certificates as they are sent, without the key: leaf first, each followed by its issuer.</summary>
    public IReadOnlyList<X509Certificate2> Chain { get; }

    /// <summary>The policy to import it with; null if the vault can derive the key's properties from the certificate, as it usually can.</summary>
    public KeyPolicy? KeyPolicy { get; init; }

    /// <summary>Anomalies that do not prevent the import, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The gap in the chain, one sentence; null if there is none or gaps are allowed.</summary>
    internal string? RefusedGap { get; init; }

    /// <summary>Why it must not be imported, one sentence: the chain has a gap that is not allowed, or the leaf has expired. Null if it may be.</summary>
    public string? RefusalAt(DateTimeOffset now) => RefusedGap ?? (now > Facts.NotAfter
        ? $"The certificate expired at {Sentence.Time(Facts.NotAfter)}, and Key Vault rejects expired certificates: find out why it was not renewed (kubectl describe certificate), or delete the Secret if no Certificate uses it any more."
        : null);

    /// <summary><see cref="Warnings"/>, and those that depend on the time: not valid yet, or an expired CA in the chain.</summary>
    public ImmutableArray<string> WarningsAt(DateTimeOffset now)
    {
        var all = new List<string>(Warnings);
        if (now < Facts.NotBefore)
        {
            all.Add($"The certificate is not valid before {Sentence.Time(Facts.NotBefore)}; clients reject it until then.");
        }

        all.AddRange(_certificates.Skip(1).Where(authority => now > authority.NotAfter)
            .Select(authority => $"The CA certificate {authority.SubjectText} in the chain expired at {Sentence.Time(authority.NotAfter)}: configure the issuer with its current one."));
        return [.. all];
    }

    /// <summary>Writes a PFX with an empty password, leaf first.</summary>
    /// <returns>The file; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault accepts.</exception>
    public byte[] ToPfx(PfxEncryption encryption = PfxEncryption.TripleDesSha1)
    {
        // With an empty password iterations protect nothing; TLS does. These are the smallest counts that every reader accepts.
        var (cipher, hash, iterations) = encryption switch
        {
            PfxEncryption.TripleDesSha1 => (PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, 1),
            PfxEncryption.Aes256Sha256 => (PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000),
            _ => throw new ArgumentOutOfRangeException(nameof(encryption)),
        };
        var protection = new PbeParameters(cipher, hash, iterations);
        // Links the key to the leaf. Any value is valid; the thumbprint is customary.
        var keyId = new Pkcs9LocalKeyId(Chain[0].GetCertHash());
        var certificates = new Pkcs12SafeContents();
        certificates.AddCertificate(Chain[0]).Attributes.Add(keyId);
        foreach (var authority in Chain.Skip(1))
        {
            certificates.AddCertificate(authority);
        }

        var pkcs8 = _key.ExportEncryptedPkcs8PrivateKey("", protection);
        try
        {
            var bag = new Pkcs12ShroudedKeyBag(pkcs8, skipCopy: true);
            bag.Attributes.Add(keyId);
            var keys = new Pkcs12SafeContents();
            keys.AddSafeBag(bag);
            var builder = new Pkcs12Builder();
            builder.AddSafeContentsUnencrypted(keys);
            builder.AddSafeContentsEncrypted(certificates, "", protection);
            builder.SealWithMac("", hash, iterations);
            var pfx = builder.Encode();
            try
            {
                VaultRules.CheckLength((pfx.Length + 2) / 3 * 4);
                return pfx;
            }
            catch
            {
                CryptographicOperations.ZeroMemory(pfx);
                throw;
            }
        }
        finally
        {
            // With an empty password this is as good as the key itself.
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <summary>Writes PEM for <c>application/x-pem-file</c>: the PKCS#8 key, then the chain, leaf first.</summary>
    /// <returns>ASCII text; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault accepts.</exception>
    public byte[] ToPem()
    {
        var pkcs8 = _key.ExportPkcs8PrivateKey();
        using var pem = new PinnedBuffer(VaultRules.LongestValue);
        try
        {
            Append(pem, "PRIVATE KEY"u8, pkcs8);
            foreach (var certificate in Chain)
            {
                Append(pem, "CERTIFICATE"u8, certificate.RawDataMemory.Span);
            }

            VaultRules.CheckLength(pem.Length);
            var content = GC.AllocateUninitializedArray<byte>(pem.Length, pinned: true);
            pem.Memory.Span.CopyTo(content);
            return content;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <summary>For each number of certificates from the leaf on, SHA-256 over their concatenated DER, lower-case hexadecimal.</summary>
    public static ImmutableArray<string> DigestsOf(IReadOnlyList<X509Certificate2> chain)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var digests = ImmutableArray.CreateBuilder<string>(chain.Count);
        foreach (var certificate in chain)
        {
            sha256.AppendData(certificate.RawDataMemory.Span);
            digests.Add(Convert.ToHexStringLower(sha256.GetCurrentHash()));
        }

        return digests.ToImmutable();
    }

    public void Dispose()
    {
        _key.Dispose();
        foreach (var certificate in _certificates)
        {
            certificate.Dispose();
        }
    }

    private static void Append(PinnedBuffer pem, ReadOnlySpan<byte> label, ReadOnlySpan<byte> data)
    {
        PemEncoding.TryWriteUtf8(label, data, pem.Free(PemEncoding.GetEncodedSize(label.Length, data.Length)).Span, out var written);
        pem.Advance(written);
        pem.Append("\n"u8);
    }
}
