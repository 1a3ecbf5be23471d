namespace ClusterTrust.Sandbox.CertManager;

/// <summary>How a private key is written into <c>tls.key</c>.</summary>
public enum KeyForm
{
    /// <summary>PKCS#1 for RSA and SEC1 for EC: cert-manager's <c>encoding: PKCS1</c>, its default.</summary>
    Traditional,

    /// <summary>PKCS#8.</summary>
    Pkcs8,
}
