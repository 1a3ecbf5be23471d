namespace ClusterTrust.CertSync.Vaults;

/// <summary>The form in which a certificate is sent, and in which the secret behind it is read.</summary>
public enum CertificateFormat
{
    /// <summary>PKCS#12, <c>application/x-pkcs12</c>.</summary>
    Pfx,

    /// <summary>PEM with a PKCS#8 key, <c>application/x-pem-file</c>.</summary>
    Pem,
}
