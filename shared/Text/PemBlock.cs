namespace ClusterTrust.Text;

/// <summary>One encapsulated part of a PEM text (RFC 7468 §2), as found, nothing decoded.</summary>
public readonly ref struct PemBlock
{
    internal PemBlock(ReadOnlySpan<byte> label, ReadOnlySpan<byte> body, bool isTerminated, bool isRegular)
    {
        Label = label;
        Body = body;
        IsTerminated = isTerminated;
        IsRegular = isRegular;
    }

    /// <summary>The words between BEGIN and the dashes, such as <c>CERTIFICATE</c>, with the blanks between them as found.</summary>
    public ReadOnlySpan<byte> Label { get; }

    /// <summary>What is between the markers: base64, blanks and perhaps RFC 1421 headers.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>False if the END marker is missing or has another label.</summary>
    public bool IsTerminated { get; }

    /// <summary>Whether it is written as RFC 7468 has it, so that every reader takes it: each marker on its own line, base64 in lines without blanks.</summary>
    public bool IsRegular { get; }

    /// <summary>A certificate under any of its labels. The body of a <c>TRUSTED CERTIFICATE</c> goes on after the certificate.</summary>
    public bool IsCertificate => Label.SequenceEqual("CERTIFICATE"u8) || Label.SequenceEqual("X509 CERTIFICATE"u8) || IsTrustedCertificate;

    /// <summary>OpenSSL's own form of a certificate: the certificate in DER, then the uses that it is trusted for.</summary>
    public bool IsTrustedCertificate => Label.SequenceEqual("TRUSTED CERTIFICATE"u8);

    /// <summary>Signed data (RFC 5652, PKCS#7), which may carry certificates.</summary>
    public bool IsPkcs7 => Label.SequenceEqual("PKCS7"u8) || Label.SequenceEqual("CMS"u8) || Label.SequenceEqual("PKCS #7 SIGNED DATA"u8);

    /// <summary>A private key of whatever kind, OpenPGP's excepted.</summary>
    public bool IsPrivateKey => Label.EndsWith("PRIVATE KEY"u8);
}
