namespace ClusterTrust.CertSync.Certificates;

/// <summary>Bounds on what is read, so that a hostile Secret costs little memory and time.</summary>
internal static class InputLimits
{
    /// <summary>Bytes of one entry of a Secret: a Secret as a whole holds at most 1 MiB (Kubernetes MaxSecretSize).</summary>
    public const int EntryBytes = 1024 * 1024;

    /// <summary>Bytes of a private key's DER form; RSA-4096 in PKCS#8 has about 2,400.</summary>
    public const int KeyBytes = 16 * 1024;

    /// <summary>Different certificates in tls.crt and ca.crt together.</summary>
    public const int Certificates = 200;

    /// <summary>Certificates of one name that are tried as the issuer of another.</summary>
    public const int IssuersOfOneName = 8;
}
