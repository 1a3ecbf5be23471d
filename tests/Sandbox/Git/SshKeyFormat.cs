namespace ClusterTrust.Sandbox.Git;

/// <summary>How a private key file is written.</summary>
public enum SshKeyFormat
{
    /// <summary><c>-----BEGIN OPENSSH PRIVATE KEY-----</c></summary>
    OpenSsh,

    /// <summary>PKCS#1 for RSA, SEC1 for ECDSA. ssh-keygen writes ed25519 keys in OpenSSH's format all the same.</summary>
    Pem,

    /// <summary>PKCS#8. ssh-keygen writes ed25519 keys in OpenSSH's format all the same.</summary>
    Pkcs8,
}
