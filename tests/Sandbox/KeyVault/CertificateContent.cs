using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.Sandbox.KeyVault;

/// <summary>What an imported file holds: its certificates and the one private key that belongs to one of them.</summary>
/// <param name="Leaf">The certificate of the private key.</param>
/// <param name="Certificates">All certificates, the leaf included, in the order of the file.</param>
/// <param name="PrivateKey">The key as unencrypted PKCS#8.</param>
internal sealed record CertificateContent(X509Certificate2 Leaf, IReadOnlyList<X509Certificate2> Certificates, byte[] PrivateKey)
{
    /// <summary>Finds the certificate that a key belongs to.</summary>
    /// <exception cref="VaultErrorException">Not exactly one key, or no certificate for it, or a kind of key that Key Vault does not know.</exception>
    public static CertificateContent Match(IReadOnlyList<X509Certificate2> certificates, IReadOnlyList<byte[]> privateKeys)
    {
        if (privateKeys.Count != 1 || certificates.Count == 0)
        {
            throw VaultErrors.NoPrivateKey();
        }

        var publicKey = PublicKeyOf(privateKeys[0]);
        var leaf = certificates.FirstOrDefault(certificate => PublicKeyOf(certificate) is { } own && own.AsSpan().SequenceEqual(publicKey));
        return leaf is null ? throw VaultErrors.NoPrivateKey() : new CertificateContent(leaf, certificates, privateKeys[0]);
    }

    private static byte[] PublicKeyOf(byte[] privateKey)
    {
        var algorithm = Pkcs8PrivateKeyInfo.Decode(privateKey, out _, skipCopy: true).AlgorithmId.Value;
        AsymmetricAlgorithm key = algorithm switch
        {
            "1.2.840.113549.1.1.1" => RSA.Create(),
            "1.2.840.10045.2.1" => ECDsa.Create(),
            _ => throw VaultErrors.UnsupportedProperties(),
        };
        using (key)
        {
            key.ImportPkcs8PrivateKey(privateKey, out _);
            return key.ExportSubjectPublicKeyInfo();
        }
    }

    private static byte[]? PublicKeyOf(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = certificate.PublicKey.Oid.Value switch
        {
            "1.2.840.113549.1.1.1" => certificate.GetRSAPublicKey(),
            "1.2.840.10045.2.1" => certificate.GetECDsaPublicKey(),
            _ => null,
        };
        return key?.ExportSubjectPublicKeyInfo();
    }
}
