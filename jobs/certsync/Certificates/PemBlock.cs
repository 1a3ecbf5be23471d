namespace ClusterTrust.CertSync.Certificates;

/// <summary>One encapsulated part of a PEM text (RFC 7468 §2), as found, nothing decoded.</summary>
internal readonly ref struct PemBlock(ReadOnlySpan<byte> label, ReadOnlySpan<byte> body, bool isTerminated)
{
    /// <summary>What is between BEGIN and the dashes, such as <c>CERTIFICATE</c>.</summary>
    public ReadOnlySpan<byte> Label { get; } = label;

    /// <summary>What is between the markers: base64, blanks and perhaps RFC 1421 headers.</summary>
    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>False if the END marker is missing or has another label.</summary>
    public bool IsTerminated { get; } = isTerminated;

    /// <summary>A certificate under either of its two labels.</summary>
    public bool IsCertificate => Label.SequenceEqual("CERTIFICATE"u8) || Label.SequenceEqual("X509 CERTIFICATE"u8);

    /// <summary>A private key of whatever kind.</summary>
    public bool IsPrivateKey => Label.EndsWith("PRIVATE KEY"u8);
}
