using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>What Key Vault refuses, told before it is sent, with the cure (Azure Key Vault certificates FAQ and "About keys").</summary>
internal static class VaultRules
{
    /// <summary>Characters of the value of the secret behind a certificate: 25 KB ("About Azure Key Vault secrets").</summary>
    public const int LongestValue = 25 * 1024;

    private const int LongestSubject = 200;

    /// <exception cref="CertificateFormatException">The vault would refuse the certificate.</exception>
    public static void Check(ChainCertificate leaf, PrivateKey key)
    {
        if (key.Algorithm == KeyAlgorithm.Ec && leaf.KeyUsages.HasFlag(X509KeyUsageFlags.KeyEncipherment))
        {
            throw new CertificateFormatException(CertificateFault.EcKeyEncipherment,
                "The EC certificate has the key usage keyEncipherment, which Key Vault refuses for EC keys; set usages: [digital signature, server auth] of the Certificate and have it issued again.");
        }

        if (key.Algorithm == KeyAlgorithm.Rsa && leaf.SignatureAlgorithm.StartsWith(Oids.EcdsaSignatures, StringComparison.Ordinal))
        {
            throw new CertificateFormatException(CertificateFault.RsaUnderEcAuthority,
                "The certificate has an RSA key and is signed by an elliptic-curve CA, which Key Vault refuses; set privateKey.algorithm of the Certificate to ECDSA or use an RSA issuer.");
        }

        if (leaf.Certificate.Subject.Length > LongestSubject)
        {
            throw new CertificateFormatException(CertificateFault.TooLarge,
                $"The subject has {leaf.Certificate.Subject.Length} characters and Key Vault takes {LongestSubject}; shorten the subject of the Certificate.");
        }
    }

    /// <exception cref="CertificateFormatException">The value is longer than a Key Vault secret can be.</exception>
    public static void CheckLength(int characters)
    {
        if (characters > LongestValue)
        {
            throw new CertificateFormatException(CertificateFault.TooLarge,
                $"The certificate with its chain has {characters} characters and Key Vault takes {LongestValue}; leave out CA certificates or alternative names that are not needed.");
        }
    }
}
