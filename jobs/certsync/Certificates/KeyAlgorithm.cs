namespace ClusterTrust.CertSync.Certificates;

/// <summary>The kinds of key Key Vault takes in a certificate.</summary>
public enum KeyAlgorithm
{
    /// <summary>RSA with 2048, 3072 or 4096 bits.</summary>
    Rsa,

    /// <summary>An elliptic-curve key on P-256, P-384 or P-521.</summary>
    Ec,
}
