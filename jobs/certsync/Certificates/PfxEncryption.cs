namespace ClusterTrust.CertSync.Certificates;

/// <summary>How the contents of a PFX are encrypted (RFC 7292). The password is always empty, so this is a matter of who can read it, not of secrecy.</summary>
public enum PfxEncryption
{
    /// <summary>pbeWithSHA1And3-KeyTripleDES-CBC with a SHA-1 MAC: what Key Vault writes itself and all of its readers take.</summary>
    TripleDesSha1,

    /// <summary>PBES2 with AES-256-CBC and a SHA-256 MAC.</summary>
    Aes256Sha256,
}
