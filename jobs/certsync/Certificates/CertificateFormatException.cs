namespace ClusterTrust.CertSync.Certificates;

/// <summary>A certificate that cannot be imported. The only exception that leaves this room.</summary>
/// <param name="fault">The reason.</param>
/// <param name="sentence">What is wrong and what to do. Never holds key material.</param>
/// <param name="innerException">The platform's exception, if any.</param>
public sealed class CertificateFormatException(CertificateFault fault, string sentence, Exception? innerException = null)
    : Exception(sentence, innerException)
{
    public CertificateFault Fault { get; } = fault;
}

/// <summary>Why a Secret's certificate cannot be imported.</summary>
public enum CertificateFault
{
    /// <summary>tls.crt is empty: the certificate has not been issued yet.</summary>
    Pending,

    /// <summary>tls.crt has no CERTIFICATE block.</summary>
    NoCertificate,

    /// <summary>tls.key has no private key block.</summary>
    NoKey,

    /// <summary>tls.key has more than one private key.</summary>
    SeveralKeys,

    /// <summary>No certificate in tls.crt has the public half of tls.key.</summary>
    KeyMismatch,

    /// <summary>The leaf has expired.</summary>
    Expired,

    /// <summary>The private key is protected by a password.</summary>
    EncryptedKey,

    /// <summary>An algorithm that Key Vault does not support: Ed25519, Ed448, DSA and the like.</summary>
    UnsupportedKey,

    /// <summary>An RSA key of a size other than 2048, 3072 or 4096 bits.</summary>
    RsaKeySize,

    /// <summary>An elliptic curve other than P-256, P-384 or P-521.</summary>
    EcCurve,

    /// <summary>An issuer between leaf and root is missing, which <c>--strict-chain</c> refuses.</summary>
    ChainGap,

    /// <summary>It exceeds a limit of the vault, or of a Secret.</summary>
    TooLarge,

    /// <summary>A PEM block, or its content, cannot be read.</summary>
    Malformed,
}
