using System.Formats.Asn1;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>A certificate with its properties for building a chain. The platform decodes extensions lazily and may fail late; here all are decoded at once.</summary>
internal sealed class ChainCertificate(X509Certificate2 certificate, bool isFromLeafEntry) : IDisposable
{
    private const int LongestName = 120;

    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);

    public X509Certificate2 Certificate { get; } = certificate;

    /// <summary>Whether it comes from tls.crt, not ca.crt.</summary>
    public bool IsFromLeafEntry { get; } = isFromLeafEntry;

    public byte[] Subject { get; } = certificate.SubjectName.RawData;

    public byte[] Issuer { get; } = certificate.IssuerName.RawData;

    public string SubjectText { get; } = Display(certificate.Subject);

    public string IssuerText { get; } = Display(certificate.Issuer);

    public DateTimeOffset NotBefore { get; } = new DateTimeOffset(certificate.NotBefore).ToUniversalTime();

    public DateTimeOffset NotAfter { get; } = new DateTimeOffset(certificate.NotAfter).ToUniversalTime();

    public string SignatureAlgorithm { get; } = certificate.SignatureAlgorithm.Value ?? "";

    /// <summary>Lower-case hexadecimal SHA-1 over the DER form.</summary>
    public string Thumbprint { get; } = Convert.ToHexStringLower(certificate.GetCertHash());

    /// <summary>Whether it may sign certificates: by its basicConstraints, or because it is older than X.509 v3 and has none.</summary>
    public bool IsAuthority { get; } = Find<X509BasicConstraintsExtension>(certificate)?.CertificateAuthority ?? certificate.Version < 3;

    /// <summary>Whether its basicConstraints allow it to sign certificates.</summary>
    public bool HasAuthorityConstraint { get; } = Find<X509BasicConstraintsExtension>(certificate)?.CertificateAuthority == true;

    public ReadOnlyMemory<byte> SubjectKeyIdentifier { get; } = Find<X509SubjectKeyIdentifierExtension>(certificate)?.SubjectKeyIdentifierBytes ?? default;

    public ReadOnlyMemory<byte> AuthorityKeyIdentifier { get; } = Find<X509AuthorityKeyIdentifierExtension>(certificate)?.KeyIdentifier ?? default;

    /// <summary>None if the extension is missing, which allows every use.</summary>
    public X509KeyUsageFlags KeyUsages { get; } = Find<X509KeyUsageExtension>(certificate)?.KeyUsages ?? X509KeyUsageFlags.None;

    /// <summary>The alternative names, in which <c>DNS:</c> precedes a DNS name in lower case; the subject if there are none.</summary>
    public IReadOnlyList<string> Identities { get; } = certificate.Extensions.Where(static extension => extension.Oid?.Value == Oids.SubjectAlternativeName)
        .Select(static extension => ReadIdentities(extension.RawData)).LastOrDefault(static names => names.Count > 0) ?? [$"subject:{Display(certificate.Subject)}"];

    /// <summary>Issued by its own name: a root, or a leaf that signed itself.</summary>
    public bool IsSelfIssued => Subject.AsSpan().SequenceEqual(Issuer);

    /// <summary>Reads exactly one certificate; null if it cannot be read.</summary>
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
            // The caller reports that it cannot be read; the details inside would not help.
        }

        certificate?.Dispose();
        return null;
    }

    /// <summary>
    /// Whether another certificate's key signed this one. Not with <see cref="X509Chain"/>, which also checks trust and dates, and reads
    /// the machine's stores to do so.
    /// </summary>
    /// <returns>Null if the algorithm cannot be checked here (Ed25519, RSASSA-PSS, MD5).</returns>
    public bool? IsSignedBy(ChainCertificate issuer)
    {
        if (HashOf(SignatureAlgorithm) is not { } hash)
        {
            return null;
        }

        try
        {
            var outer = new AsnReader(Certificate.RawDataMemory, AsnEncodingRules.BER).ReadSequence();
            var signed = outer.ReadEncodedValue().Span;
            outer.ReadEncodedValue();
            var signature = outer.ReadBitString(out _);
            if (SignatureAlgorithm.StartsWith(Oids.EcdsaSignatures, StringComparison.Ordinal))
            {
                using var ecdsa = issuer.Certificate.GetECDsaPublicKey();
                return ecdsa?.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;
            }

            using var rsa = issuer.Certificate.GetRSAPublicKey();
            return rsa?.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1) ?? false;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return false;
        }
    }

    public void Dispose() => Certificate.Dispose();

    private static HashAlgorithmName? HashOf(string algorithm) => algorithm switch
    {
        "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA1,
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        _ => null,
    };

    private static T? Find<T>(X509Certificate2 certificate) where T : X509Extension => certificate.Extensions.OfType<T>().LastOrDefault();

    private static string Display(string distinguishedName) =>
        distinguishedName.Length == 0 ? "(no subject)" : Sanitizer.Sanitize(distinguishedName, LongestName);

    /// <summary>
    /// The names in a subjectAltName extension (RFC 5280 §4.2.1.6), each once, sorted: DNS names as text, all others, also DNS names that
    /// are not ASCII, which no client matches, only as their encoded form.
    /// </summary>
    private static IReadOnlyList<string> ReadIdentities(ReadOnlyMemory<byte> extension)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var sequence = new AsnReader(extension, AsnEncodingRules.BER).ReadSequence();
        while (sequence.HasData)
        {
            var (isDnsName, name) = (sequence.PeekTag() == DnsName, sequence.PeekContentBytes());
            var encoded = sequence.ReadEncodedValue();
            names.Add(isDnsName && Ascii.IsValid(name.Span)
                ? "DNS:" + Encoding.ASCII.GetString(name.Span).ToLowerInvariant()
                : Convert.ToHexString(encoded.Span));
        }

        return [.. names];
    }
}
