using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>Writes a PFX (RFC 7292) in memory, with an empty password, leaf first.</summary>
internal static class PfxWriter
{
    // With an empty password iterations protect nothing: TLS does. The counts are the least that every reader takes.
    private const int TripleDesIterations = 1;
    private const int Aes256Iterations = 1_000;

    /// <returns>The file; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault takes.</exception>
    public static byte[] Write(IReadOnlyList<X509Certificate2> chain, PrivateKey key, PfxEncryption encryption)
    {
        var (cipher, hash, iterations) = encryption switch
        {
            PfxEncryption.TripleDesSha1 => (PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, TripleDesIterations),
            PfxEncryption.Aes256Sha256 => (PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Aes256Iterations),
            _ => throw new ArgumentOutOfRangeException(nameof(encryption)),
        };
        var protection = new PbeParameters(cipher, hash, iterations);
        // Ties the key to the leaf; any value would do, and the thumbprint is what others take.
        var keyId = new Pkcs9LocalKeyId(chain[0].GetCertHash());

        var certificates = new Pkcs12SafeContents();
        foreach (var certificate in chain)
        {
            var bag = certificates.AddCertificate(certificate);
            if (certificate == chain[0])
            {
                bag.Attributes.Add(keyId);
            }
        }

        var keys = new Pkcs12SafeContents();
        var pkcs8 = key.ToEncryptedPkcs8(protection);
        try
        {
            var bag = new Pkcs12ShroudedKeyBag(pkcs8, skipCopy: true);
            bag.Attributes.Add(keyId);
            keys.AddSafeBag(bag);
            var builder = new Pkcs12Builder();
            builder.AddSafeContentsUnencrypted(keys);
            builder.AddSafeContentsEncrypted(certificates, "", protection);
            builder.SealWithMac("", hash, iterations);
            var pfx = builder.Encode();
            try
            {
                VaultRules.CheckLength((pfx.Length + 2) / 3 * 4);
                return pfx;
            }
            catch
            {
                CryptographicOperations.ZeroMemory(pfx);
                throw;
            }
        }
        finally
        {
            // With an empty password this is as good as the key itself.
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }
}
