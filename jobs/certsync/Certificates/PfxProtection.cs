using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// Encrypts and seals the parts of a PFX. The password is empty, so that whoever has the file can derive the keys and they protect
/// nothing (what does is TLS); they are therefore derived once and serve every file, instead of 15,000 hashes for each.
/// </summary>
internal sealed class PfxProtection
{
    /// <summary>What Key Vault uses in the files that it writes itself, and .NET and OpenSSL by default.</summary>
    private const int Iterations = 2_000;

    private const string Sha1 = "1.3.14.3.2.26";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string HmacWithSha256 = "1.2.840.113549.2.9";
    private const string TripleDesPkcs12 = "1.2.840.113549.1.12.1.3";
    private const string Pbes2 = "1.2.840.113549.1.5.13";
    private const string Pbkdf2 = "1.2.840.113549.1.5.12";
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";

    private static readonly Lazy<PfxProtection> TripleDes = new(static () => new(PfxEncryption.TripleDesSha1));
    private static readonly Lazy<PfxProtection> Aes256 = new(static () => new(PfxEncryption.Aes256Sha256));

    private readonly PfxEncryption encryption;
    private readonly byte[] salt;
    private readonly byte[] key;
    private readonly byte[] vector = [];
    private readonly byte[] integrityKey;

    private PfxProtection(PfxEncryption encryption)
    {
        this.encryption = encryption;
        if (encryption == PfxEncryption.Aes256Sha256)
        {
            salt = RandomNumberGenerator.GetBytes(16);
            key = Rfc2898DeriveBytes.Pbkdf2("", salt, Iterations, HashAlgorithmName.SHA256, 32);
        }
        else
        {
            salt = RandomNumberGenerator.GetBytes(8);
            key = Pkcs12KeyDerivation.Derive(Pkcs12KeyPurpose.Encryption, Hash, salt, Iterations, 24);
            vector = Pkcs12KeyDerivation.Derive(Pkcs12KeyPurpose.InitializationVector, Hash, salt, Iterations, 8);
        }

        integrityKey = Pkcs12KeyDerivation.Derive(Pkcs12KeyPurpose.Integrity, Hash, salt, Iterations, encryption == PfxEncryption.Aes256Sha256 ? 32 : 20);
    }

    private HashAlgorithmName Hash => encryption == PfxEncryption.Aes256Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1;

    /// <summary>The one of a kind; its keys are derived when it is first asked for.</summary>
    public static PfxProtection For(PfxEncryption encryption) => (encryption == PfxEncryption.Aes256Sha256 ? Aes256 : TripleDes).Value;

    /// <summary>Writes an AlgorithmIdentifier and the encrypted bytes under the tag.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "What Key Vault and its readers are documented to take; with an empty password no cipher protects anything.")]
    public void WriteEncrypted(AsnWriter writer, ReadOnlySpan<byte> plain, Asn1Tag tag)
    {
        using SymmetricAlgorithm cipher = encryption == PfxEncryption.Aes256Sha256 ? Aes.Create() : TripleDES.Create();
        cipher.Key = key;
        var iv = vector.Length > 0 ? vector : RandomNumberGenerator.GetBytes(cipher.BlockSize / 8);
        using (writer.PushSequence())
        {
            if (encryption == PfxEncryption.Aes256Sha256)
            {
                WritePbes2(writer, iv);
            }
            else
            {
                writer.WriteObjectIdentifier(TripleDesPkcs12);
                WriteSaltAndIterations(writer);
            }
        }

        writer.WriteOctetString(cipher.EncryptCbc(plain, iv), tag);
    }

    /// <summary>Writes the MacData over the authenticated safe (RFC 7292 §4).</summary>
    public void WriteMac(AsnWriter writer, ReadOnlySpan<byte> authenticatedSafe)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(encryption == PfxEncryption.Aes256Sha256 ? Sha256 : Sha1);
                    writer.WriteNull();
                }

                writer.WriteOctetString(CryptographicOperations.HmacData(Hash, integrityKey, authenticatedSafe));
            }

            writer.WriteOctetString(salt);
            writer.WriteInteger(Iterations);
        }
    }

    private void WritePbes2(AsnWriter writer, byte[] iv)
    {
        writer.WriteObjectIdentifier(Pbes2);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Pbkdf2);
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(salt);
                    writer.WriteInteger(Iterations);
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(HmacWithSha256);
                        writer.WriteNull();
                    }
                }
            }

            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Aes256Cbc);
                writer.WriteOctetString(iv);
            }
        }
    }

    private void WriteSaltAndIterations(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteOctetString(salt);
            writer.WriteInteger(Iterations);
        }
    }
}
