namespace ClusterTrust.CertSync.Certificates;

/// <summary>The ID byte of a derivation (RFC 7292 appendix B.3).</summary>
internal enum Pkcs12KeyPurpose
{
    /// <summary>Key of a cipher.</summary>
    Encryption = 1,

    /// <summary>Initialization vector of a cipher.</summary>
    InitializationVector = 2,

    /// <summary>Key of the MAC.</summary>
    Integrity = 3,
}
