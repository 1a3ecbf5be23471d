namespace ClusterTrust.Sandbox.ApiServer;

/// <summary>How ServiceAccount tokens are signed.</summary>
public enum SigningAlgorithm
{
    /// <summary>RSA PKCS#1 v1.5 with SHA-256, 2048 bits.</summary>
    RS256,

    /// <summary>ECDSA on P-256 with SHA-256.</summary>
    ES256,
}
