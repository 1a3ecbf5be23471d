using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>A certificate with its private key and both as PEM.</summary>
internal sealed record Issued(X509Certificate2 Certificate, AsymmetricAlgorithm Key)
{
    public string Pem { get; } = Certificate.ExportCertificatePem() + "\n";

    public string Thumbprint => Convert.ToHexStringLower(Certificate.GetCertHash());

    public string Pkcs8 => Key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>PKCS#1 for RSA, SEC1 for EC: what cert-manager writes unless told otherwise.</summary>
    public string Traditional => (Key is RSA rsa ? rsa.ExportRSAPrivateKeyPem() : ((ECDsa)Key).ExportECPrivateKeyPem()) + "\n";
}
