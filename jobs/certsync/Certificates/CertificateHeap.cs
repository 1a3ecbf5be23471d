using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>The different certificates of a Secret, before they are ordered. Disposes of those that were not released to a bundle.</summary>
internal sealed class CertificateHeap : IDisposable
{
    private readonly Dictionary<string, ChainCertificate> byThumbprint = new(StringComparer.Ordinal);

    /// <summary>Each certificate once; first those of tls.crt.</summary>
    public IReadOnlyCollection<ChainCertificate> Certificates => byThumbprint.Values;

    /// <summary>Adds the certificates of tls.crt.</summary>
    /// <exception cref="CertificateFormatException">There is none, one cannot be read, or there are too many.</exception>
    public void AddFromLeafEntry(ReadOnlySpan<byte> tlsCrt, List<string> warnings)
    {
        var hasKey = false;
        var number = 0;
        foreach (var block in new PemScanner(tlsCrt))
        {
            hasKey |= block.IsPrivateKey;
            if (block.IsCertificate)
            {
                number++;
                Add(Read(block, isFromLeafEntry: true) ?? throw new CertificateFormatException(CertificateFault.Malformed,
                    $"Certificate {number} in tls.crt cannot be read; check that its PEM block is whole, or have the certificate issued again."));
            }
        }

        if (number == 0)
        {
            throw new CertificateFormatException(CertificateFault.NoCertificate, "tls.crt has no CERTIFICATE block; it must hold the certificate and its chain in PEM.");
        }

        if (hasKey)
        {
            warnings.Add("tls.crt holds a private key, which is ignored; take it out, since tls.crt is handled as public.");
        }
    }

    /// <summary>Adds the certificates of ca.crt. They only help, so what is wrong with them is a warning.</summary>
    /// <exception cref="CertificateFormatException">There are too many certificates.</exception>
    public void AddFromAuthorityEntry(ReadOnlySpan<byte> caCrt, List<string> warnings)
    {
        if (caCrt.Length > InputLimits.EntryBytes)
        {
            warnings.Add($"ca.crt has more than {InputLimits.EntryBytes} bytes and was not read.");
            return;
        }

        var unreadable = 0;
        foreach (var block in new PemScanner(caCrt))
        {
            if (block.IsCertificate)
            {
                if (Read(block, isFromLeafEntry: false) is { } certificate)
                {
                    Add(certificate);
                }
                else
                {
                    unreadable++;
                }
            }
        }

        if (unreadable > 0)
        {
            warnings.Add($"ca.crt has {unreadable} certificate(s) that cannot be read and were left out.");
        }
    }

    /// <summary>Hands certificates over to a bundle, which disposes of them from now on.</summary>
    public void Release(IEnumerable<ChainCertificate> certificates)
    {
        foreach (var certificate in certificates)
        {
            byThumbprint.Remove(certificate.Thumbprint);
        }
    }

    public void Dispose()
    {
        foreach (var certificate in byThumbprint.Values)
        {
            certificate.Dispose();
        }
    }

    private static ChainCertificate? Read(PemBlock block, bool isFromLeafEntry) =>
        block.IsTerminated && PemBody.Decode(block.Body) is { } der ? ChainCertificate.Read(der, isFromLeafEntry) : null;

    private void Add(ChainCertificate certificate)
    {
        if (!byThumbprint.TryAdd(certificate.Thumbprint, certificate))
        {
            certificate.Dispose();
        }
        else if (byThumbprint.Count > InputLimits.Certificates)
        {
            throw new CertificateFormatException(CertificateFault.TooLarge,
                $"tls.crt and ca.crt hold more than {InputLimits.Certificates} different certificates; leave only the certificate and its own CAs in them.");
        }
    }
}
