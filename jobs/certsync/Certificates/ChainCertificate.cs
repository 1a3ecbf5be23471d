using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>A certificate with what ordering a chain needs, read once. The platform reads extensions late and may then fail; here all of it is read at the start.</summary>
internal sealed class ChainCertificate : IDisposable
{
    private ChainCertificate(X509Certificate2 certificate, bool isFromLeafEntry)
    {
        Certificate = certificate;
        IsFromLeafEntry = isFromLeafEntry;
        Subject = certificate.SubjectName.RawData;
        Issuer = certificate.IssuerName.RawData;
        SubjectText = DisplayText.Name(certificate.Subject);
        IssuerText = DisplayText.Name(certificate.Issuer);
        NotBefore = new DateTimeOffset(certificate.NotBefore).ToUniversalTime();
        NotAfter = new DateTimeOffset(certificate.NotAfter).ToUniversalTime();
        SignatureAlgorithm = certificate.SignatureAlgorithm.Value ?? "";
        Thumbprint = Convert.ToHexStringLower(certificate.GetCertHash());
        IsAuthority = certificate.Version < 3;
        foreach (var extension in certificate.Extensions)
        {
            switch (extension)
            {
                case X509SubjectKeyIdentifierExtension subjectKey:
                    SubjectKeyIdentifier = subjectKey.SubjectKeyIdentifierBytes;
                    break;
                case X509AuthorityKeyIdentifierExtension authorityKey:
                    AuthorityKeyIdentifier = authorityKey.KeyIdentifier ?? default;
                    break;
                case X509BasicConstraintsExtension constraints:
                    IsAuthority = constraints.CertificateAuthority;
                    HasAuthorityConstraint = constraints.CertificateAuthority;
                    break;
                case X509KeyUsageExtension usage:
                    KeyUsages = usage.KeyUsages;
                    break;
                case { Oid.Value: Oids.SubjectAlternativeName }:
                    Identities = SubjectIdentities.Read(extension.RawData);
                    break;
                default:
                    break;
            }
        }
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>From tls.crt, not ca.crt.</summary>
    public bool IsFromLeafEntry { get; }

    public byte[] Subject { get; }

    public byte[] Issuer { get; }

    public string SubjectText { get; }

    public string IssuerText { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    public string SignatureAlgorithm { get; }

    /// <summary>Lower-case hexadecimal SHA-1 over the DER form.</summary>
    public string Thumbprint { get; }

    /// <summary>May sign certificates: basicConstraints says so, or it is older than X.509 v3 and cannot say.</summary>
    public bool IsAuthority { get; }

    /// <summary>basicConstraints says that it may sign certificates.</summary>
    public bool HasAuthorityConstraint { get; }

    public ReadOnlyMemory<byte> SubjectKeyIdentifier { get; }

    public ReadOnlyMemory<byte> AuthorityKeyIdentifier { get; }

    /// <summary>None if the extension is missing, which means that every use is allowed.</summary>
    public X509KeyUsageFlags KeyUsages { get; }

    /// <summary>The alternative names; empty if there are none.</summary>
    public IReadOnlyList<string> Identities { get; } = [];

    /// <summary>Issued by its own name: a root, or a leaf that signed itself.</summary>
    public bool IsSelfIssued => Subject.AsSpan().SequenceEqual(Issuer);

    /// <summary>Reads one certificate.</summary>
    /// <param name="der">Exactly one certificate, DER.</param>
    /// <param name="isFromLeafEntry">It comes from tls.crt.</param>
    /// <returns>Null if it cannot be read.</returns>
    public static ChainCertificate? Read(byte[] der, bool isFromLeafEntry)
    {
        X509Certificate2? certificate = null;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(der);
            if (certificate.RawDataMemory.Span.SequenceEqual(der))
            {
                return new ChainCertificate(certificate, isFromLeafEntry);
            }
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            // What is wrong inside is of no use to the reader of the message; that it cannot be read is.
        }

        certificate?.Dispose();
        return null;
    }

    public void Dispose() => Certificate.Dispose();
}
