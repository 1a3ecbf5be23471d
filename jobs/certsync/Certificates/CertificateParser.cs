using System.Formats.Asn1;
using System.Security.Cryptography.Pkcs;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>Parses the entries of a TLS Secret into a <see cref="CertificateBundle"/>: key, leaf, chain, in that order.</summary>
public sealed class CertificateParser : IDisposable
{
    /// <summary>Distinct certificates in tls.crt and ca.crt together.</summary>
    private const int MaximumCertificates = 200;

    private readonly List<string> _warnings = [];

    /// <summary>Each certificate once, by thumbprint; first those of tls.crt. Those that no bundle takes over are disposed of.</summary>
    private readonly Dictionary<string, ChainCertificate> _certificates = new(StringComparer.Ordinal);

    private CertificateParser()
    {
    }

    /// <summary>Whether an entry is empty. An empty tls.crt has not been issued yet.</summary>
    public static bool IsEmpty(ReadOnlySpan<byte> entry) => entry.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    /// <param name="tlsCrt">PEM: the leaf and possibly its chain, in any order; text around the blocks is ignored.</param>
    /// <param name="tlsKey">PEM: the private key. The caller wipes it; no copy outlives the bundle.</param>
    /// <param name="caCrt">PEM: CA certificates that may complete the chain; may be empty.</param>
    /// <exception cref="CertificateFormatException">The certificate cannot be imported.</exception>
    public static CertificateBundle Parse(ReadOnlySpan<byte> tlsCrt, ReadOnlySpan<byte> tlsKey, ReadOnlySpan<byte> caCrt, BundleOptions options)
    {
        using var parser = new CertificateParser();
        parser.AddLeafEntry(tlsCrt);
        var key = parser.ReadKey(tlsKey);
        try
        {
            parser.AddAuthorityEntry(caCrt);
            return parser.Bundle(key, options);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var certificate in _certificates.Values)
        {
            certificate.Dispose();
        }
    }

    private CertificateBundle Bundle(AsymmetricAlgorithm key, BundleOptions options)
    {
        var leaf = ChainBuilder.FindLeaf(_certificates.Values, key, _warnings);
        VaultRules.Check(leaf);
        var keyPolicy = VaultRules.PolicyFor(leaf, key, _warnings);
        var chain = ChainBuilder.Build(leaf, _certificates.Values);
        AddChainWarnings(chain);
        var dropsRoot = chain.HasRoot && chain.Certificates.Count > 1 && !options.IncludeRoot;
        ChainCertificate[] certificates = [.. dropsRoot ? chain.Certificates.SkipLast(1) : chain.Certificates];
        // The exact length is known only after encoding; a chain that exceeds the limit by itself is refused before that.
        VaultRules.CheckLength(certificates.Sum(static certificate => certificate.Certificate.RawDataMemory.Length) / 3 * 4);
        var bundle = new CertificateBundle(certificates, key, _warnings) { KeyPolicy = keyPolicy, RefusedGap = options.StrictChain ? chain.Gap : null };
        foreach (var certificate in certificates)
        {
            _certificates.Remove(certificate.Thumbprint);
        }

        return bundle;
    }

    private AsymmetricAlgorithm ReadKey(ReadOnlySpan<byte> tlsKey)
    {
        using var content = Open(tlsKey, "tls.key", FileKind.PrivateKey);
        return content.Fault is { } fault ? throw new CertificateFormatException($"tls.key {fault}.") : PrivateKeyReader.Read(content.Bytes.Span, _warnings);
    }

    private void AddLeafEntry(ReadOnlySpan<byte> tlsCrt)
    {
        using var content = Open(tlsCrt, "tls.crt", FileKind.Certificate);
        if (content.Fault is { } fault)
        {
            throw new CertificateFormatException($"tls.crt {fault}.");
        }

        var (count, unreadable, hasKey) = AddBlocks(content.Bytes.Span, isFromLeafEntry: true);
        var refusal = unreadable is [var first, ..] ? $"Certificate {first} in tls.crt cannot be read: check that its PEM block is complete, or reissue the certificate."
            : count == 0 ? "tls.crt contains no valid CERTIFICATE block: it must contain the certificate and its chain in PEM."
            : null;
        if (refusal is not null)
        {
            throw new CertificateFormatException(refusal);
        }

        if (hasKey)
        {
            _warnings.Add("tls.crt contains a private key, which is ignored: remove it, because tls.crt is treated as public.");
        }
    }

    /// <summary>Adds the certificates of ca.crt. They are optional, so faults in them are warnings.</summary>
    /// <exception cref="CertificateFormatException">There are too many certificates.</exception>
    private void AddAuthorityEntry(ReadOnlySpan<byte> caCrt)
    {
        if (IsEmpty(caCrt))
        {
            return;
        }

        using var content = Open(caCrt, "ca.crt", FileKind.Certificate);
        if (content.Fault is { } fault)
        {
            _warnings.Add($"ca.crt {fault}.");
            return;
        }

        var unreadable = AddBlocks(content.Bytes.Span, isFromLeafEntry: false).Unreadable.Count;
        if (unreadable > 0)
        {
            _warnings.Add($"ca.crt contains {unreadable} certificate(s) that cannot be read, which are ignored.");
        }
    }

    /// <summary>Converts an entry to plain PEM where that is needed, with warnings.</summary>
    private FileContent Open(ReadOnlySpan<byte> entry, string name, FileKind kind)
    {
        var content = FileContent.Read(entry, kind);
        _warnings.AddRange(content.Warnings.Select(warning => $"{name} {warning}."));
        return content;
    }

    /// <returns>The number of certificates, the places of those that cannot be read, and whether there is a private key.</returns>
    private (int Count, List<int> Unreadable, bool HasKey) AddBlocks(ReadOnlySpan<byte> pem, bool isFromLeafEntry)
    {
        var (count, unreadable, hasKey) = (0, new List<int>(), false);
        foreach (var block in new PemScanner(pem))
        {
            hasKey |= block.IsPrivateKey;
            if (block.IsPkcs7)
            {
                count += AddPkcs7(block, isFromLeafEntry);
            }
            else if (block.IsCertificate)
            {
                count++;
                if (Read(block, isFromLeafEntry) is { } certificate)
                {
                    Add(certificate);
                }
                else
                {
                    unreadable.Add(count);
                }
            }
        }

        return (count, unreadable, hasKey);
    }

    private static ChainCertificate? Read(PemBlock block, bool isFromLeafEntry)
    {
        if (!block.IsTerminated || PemBody.Decode(block.Body) is not { } der)
        {
            return null;
        }

        if (block.IsTrustedCertificate)
        {
            // OpenSSL appends the trusted uses to the certificate.
            der = AsnDecoder.TryReadEncodedValue(der, AsnEncodingRules.BER, out _, out _, out _, out var length) ? der[..length] : der;
        }

        return ChainCertificate.Read(der, isFromLeafEntry);
    }

    /// <summary>Adds the certificates of signed data (RFC 5652 §5.1); its signatures are ignored.</summary>
    /// <returns>How many there are.</returns>
    private int AddPkcs7(PemBlock block, bool isFromLeafEntry)
    {
        try
        {
            var signedData = new SignedCms();
            signedData.Decode((block.IsTerminated ? PemBody.Decode(block.Body) : null) ?? throw new CryptographicException());
            var certificates = signedData.Certificates;
            foreach (var certificate in certificates)
            {
                using (certificate)
                {
                    Add(ChainCertificate.Read(certificate.RawData, isFromLeafEntry) ?? throw new CryptographicException());
                }
            }

            return certificates.Count;
        }
        catch (CryptographicException)
        {
            _warnings.Add($"{(isFromLeafEntry ? "tls.crt" : "ca.crt")} contains a PKCS#7 block that cannot be read, which is ignored.");
            return 0;
        }
    }

    private void Add(ChainCertificate certificate)
    {
        if (!_certificates.TryAdd(certificate.Thumbprint, certificate))
        {
            certificate.Dispose();
        }
        else if (_certificates.Count > MaximumCertificates)
        {
            throw new CertificateFormatException(
                $"tls.crt and ca.crt contain more than {MaximumCertificates} different certificates: keep only the certificate and its own CAs.");
        }
    }

    private void AddChainWarnings(CertificateChain chain)
    {
        if (chain.Gap is { } gap)
        {
            _warnings.Add(gap);
        }

        var unrelated = chain.Unrelated.Where(static certificate => certificate.IsFromLeafEntry).Select(static certificate => certificate.SubjectText).Order(StringComparer.Ordinal).ToArray();
        if (unrelated.Length > 0)
        {
            _warnings.Add($"tls.crt contains {unrelated.Length} certificate(s) outside the chain, which are ignored (the first is {unrelated[0]}).");
        }
    }
}

/// <summary>A certificate that cannot be imported. The only exception that this namespace throws.</summary>
/// <param name="sentence">What is wrong and what to do. Never contains key material.</param>
public sealed class CertificateFormatException(string sentence, Exception? innerException = null) : Exception(sentence, innerException);
