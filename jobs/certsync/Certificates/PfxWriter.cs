using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>The encryption of a PFX (RFC 7292). The password is always empty, so this affects compatibility, not confidentiality.</summary>
public enum PfxEncryption
{
    /// <summary>pbeWithSHA1And3-KeyTripleDES-CBC with a SHA-1 MAC: what Key Vault writes itself, and all of its readers accept.</summary>
    TripleDesSha1,

    /// <summary>PBES2 with AES-256-CBC and a SHA-256 MAC.</summary>
    Aes256Sha256,
}

/// <summary>Writes a PFX in memory, with an empty password, leaf first.</summary>
internal static class PfxWriter
{
    // With an empty password iterations protect nothing; TLS does. These are the smallest counts that every reader accepts.
    private const int TripleDesIterations = 1;
    private const int Aes256Iterations = 1_000;

    /// <inheritdoc cref="CertificateBundle.ToPfx"/>
    public static byte[] Write(IReadOnlyList<X509Certificate2> chain, PrivateKey key, PfxEncryption encryption)
    {
        var (cipher, hash, iterations) = encryption switch
        {
            PfxEncryption.TripleDesSha1 => (PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, TripleDesIterations),
            PfxEncryption.Aes256Sha256 => (PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Aes256Iterations),
            _ => throw new ArgumentOutOfRangeException(nameof(encryption)),
        };
        var protection = new PbeParameters(cipher, hash, iterations);
        // Links the key to the leaf. Any value is valid; the thumbprint is customary.
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
