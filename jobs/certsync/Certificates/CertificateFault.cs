namespace ClusterTrust.CertSync.Certificates;

/// <summary>Why a Secret's certificate cannot go to the vault.</summary>
public enum CertificateFault
{
    /// <summary>tls.crt is empty: the issuer has not answered yet.</summary>
    Pending,

    /// <summary>tls.crt has text but no CERTIFICATE block.</summary>
    NoCertificate,

    /// <summary>tls.key has no private key block.</summary>
    NoKey,

    /// <summary>tls.key has more than one private key.</summary>
    SeveralKeys,

    /// <summary>No certificate in tls.crt has the public half of tls.key.</summary>
    KeyMismatch,

    /// <summary>The leaf's validity has ended.</summary>
    Expired,

    /// <summary>The private key is protected by a password.</summary>
    EncryptedKey,

    /// <summary>A kind of key that Key Vault does not hold: Ed25519, Ed448, DSA and the like.</summary>
    UnsupportedKey,

    /// <summary>An RSA key of a size other than 2048, 3072 or 4096 bits.</summary>
    RsaKeySize,

    /// <summary>An elliptic curve other than P-256, P-384 or P-521.</summary>
    EcCurve,

    /// <summary>An issuer between leaf and root is missing, and a strict chain was asked for.</summary>
    ChainGap,

    /// <summary>Over a limit of the vault, or of what a Secret can hold.</summary>
    TooLarge,

    /// <summary>A PEM block or what is in it cannot be read.</summary>
    Malformed,
}
