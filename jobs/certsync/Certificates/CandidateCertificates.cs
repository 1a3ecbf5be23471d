using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>The distinct certificates of a Secret, not yet ordered. Disposes of those that were not released to a bundle.</summary>
internal sealed class CandidateCertificates : IDisposable
{
    /// <summary>Distinct certificates in tls.crt and ca.crt together.</summary>
    private const int MaximumCertificates = 200;

    private readonly Dictionary<string, ChainCertificate> _byThumbprint = new(StringComparer.Ordinal);

    /// <summary>Each certificate once; first those of tls.crt.</summary>
    public IReadOnlyCollection<ChainCertificate> Certificates => _byThumbprint.Values;

    /// <exception cref="CertificateFormatException">There is no certificate, one cannot be read, or there are too many.</exception>
    public void AddFromLeafEntry(ReadOnlySpan<byte> tlsCrt, List<string> warnings)
    {
        var (count, unreadable, hasKey) = AddBlocks(tlsCrt, isFromLeafEntry: true, warnings);
        if (unreadable is [var first, ..])
        {
            throw new CertificateFormatException(
                $"Certificate {first} in tls.crt cannot be read: check that its PEM block is complete, or reissue the certificate.");
        }

        if (count == 0)
        {
            throw new CertificateFormatException("tls.crt contains no valid CERTIFICATE block: it must contain the certificate and its chain in PEM.");
        }

        if (hasKey)
        {
            warnings.Add("tls.crt contains a private key, which is ignored: remove it, because tls.crt is treated as public.");
        }
    }

    /// <summary>Adds the certificates of ca.crt. They are optional, so faults in them are warnings.</summary>
    /// <exception cref="CertificateFormatException">There are too many certificates.</exception>
    public void AddFromAuthorityEntry(ReadOnlySpan<byte> caCrt, List<string> warnings)
    {
        if (caCrt.Length > CertificateParser.MaximumEntryBytes)
        {
            warnings.Add($"ca.crt has more than {CertificateParser.MaximumEntryBytes} bytes and was not read.");
            return;
        }

        if (caCrt.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return;
        }

        using var content = FileContent.Read(caCrt, FileKind.Certificate);
        warnings.AddRange(content.Warnings.Select(static warning => $"ca.crt {warning}."));
        if (content.Fault is { } fault)
        {
            warnings.Add($"ca.crt {fault}.");
            return;
        }

        var unreadable = AddBlocks(content.Bytes.Span, isFromLeafEntry: false, warnings).Unreadable.Count;
        if (unreadable > 0)
        {
            warnings.Add($"ca.crt contains {unreadable} certificate(s) that cannot be read, which are ignored.");
        }
    }

    /// <summary>Hands over certificates to a bundle, which then disposes of them.</summary>
    public void Release(IEnumerable<ChainCertificate> certificates)
    {
        foreach (var certificate in certificates)
        {
            _byThumbprint.Remove(certificate.Thumbprint);
        }
    }

    public void Dispose()
    {
        foreach (var certificate in _byThumbprint.Values)
        {
            certificate.Dispose();
        }
    }

    /// <returns>The number of certificates, the places of those that cannot be read, and whether there is a private key.</returns>
    private (int Count, List<int> Unreadable, bool HasKey) AddBlocks(ReadOnlySpan<byte> pem, bool isFromLeafEntry, List<string> warnings)
    {
        var (count, unreadable, hasKey) = (0, new List<int>(), false);
        foreach (var block in new PemScanner(pem))
        {
            hasKey |= block.IsPrivateKey;
            if (block.IsPkcs7)
            {
                count += AddFromPkcs7(block, isFromLeafEntry, warnings);
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
    private int AddFromPkcs7(PemBlock block, bool isFromLeafEntry, List<string> warnings)
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
            warnings.Add($"{(isFromLeafEntry ? "tls.crt" : "ca.crt")} contains a PKCS#7 block that cannot be read, which is ignored.");
            return 0;
        }
    }

    private void Add(ChainCertificate certificate)
    {
        if (!_byThumbprint.TryAdd(certificate.Thumbprint, certificate))
        {
            certificate.Dispose();
        }
        else if (_byThumbprint.Count > MaximumCertificates)
        {
            throw new CertificateFormatException(
                $"tls.crt and ca.crt contain more than {MaximumCertificates} different certificates: keep only the certificate and its own CAs.");
        }
    }
}
