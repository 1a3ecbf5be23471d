using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>Writes a PFX (RFC 7292) in memory, with an empty password, leaf first.</summary>
internal static class PfxWriter
{
    // The password is empty, so that rounds of hashing protect nothing and only cost time. 1,000 is the least that RFC 8018 §4.2
    // recommends, and readers that insist on a least number insist on that.
    private const int Iterations = 1_000;

    private static readonly PbeParameters TripleDes = new(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, Iterations);
    private static readonly PbeParameters Aes256 = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Iterations);

    /// <returns>The file; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault takes.</exception>
    public static byte[] Write(IReadOnlyList<X509Certificate2> chain, PrivateKey key, PfxEncryption encryption)
    {
        using var leaf = key.AttachTo(chain[0]);
        // .NET writes a collection from its end.
        var collection = new X509Certificate2Collection();
        for (var i = chain.Count - 1; i > 0; i--)
        {
            collection.Add(chain[i]);
        }

        collection.Add(leaf);
        var pfx = collection.ExportPkcs12(encryption == PfxEncryption.Aes256Sha256 ? Aes256 : TripleDes, "");
        VaultRules.CheckLength((pfx.Length + 2) / 3 * 4);
        return pfx;
    }
}
