using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// Writes a PFX (RFC 7292) in memory, with an empty password, leaf first. The platform's own export would have the key taken into
/// and out of OpenSSL again and its password stretched for every file, which is most of what a first sync would cost.
/// </summary>
internal static class PfxWriter
{
    private const string Data = "1.2.840.113549.1.7.1";
    private const string EncryptedData = "1.2.840.113549.1.7.6";
    private const string ShroudedKeyBag = "1.2.840.113549.1.12.10.1.2";
    private const string CertificateBag = "1.2.840.113549.1.12.10.1.3";
    private const string X509Certificate = "1.2.840.113549.1.9.22.1";
    private const string LocalKeyId = "1.2.840.113549.1.9.21";

    private static readonly Asn1Tag Explicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Implicit0 = new(TagClass.ContextSpecific, 0);

    /// <returns>The file; the caller wipes it after use.</returns>
    /// <exception cref="CertificateFormatException">It is longer than Key Vault takes.</exception>
    public static byte[] Write(IReadOnlyList<X509Certificate2> chain, PrivateKey key, PfxEncryption encryption)
    {
        var protection = PfxProtection.For(encryption);
        // Ties the key to the leaf; any value would do, and the thumbprint is what others take.
        var keyId = chain[0].GetCertHash();
        var keySafe = KeySafe(key, protection, keyId);
        var authenticatedSafe = Encode(writer =>
        {
            using (writer.PushSequence())
            {
                WriteData(writer, keySafe);
                WriteEncryptedData(writer, CertificateSafe(chain, keyId), protection);
            }
        });
        var pfx = Encode(writer =>
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(3);
                WriteData(writer, authenticatedSafe);
                protection.WriteMac(writer, authenticatedSafe);
            }
        });
        // With an empty password these are as good as the key itself.
        CryptographicOperations.ZeroMemory(keySafe);
        CryptographicOperations.ZeroMemory(authenticatedSafe);
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

    private static byte[] KeySafe(PrivateKey key, PfxProtection protection, byte[] keyId)
    {
        var pkcs8 = key.ToPkcs8();
        try
        {
            return Encode(writer =>
            {
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(ShroudedKeyBag);
                    using (writer.PushSequence(Explicit0))
                    using (writer.PushSequence())
                    {
                        protection.WriteEncrypted(writer, pkcs8, Asn1Tag.PrimitiveOctetString);
                    }

                    WriteLocalKeyId(writer, keyId);
                }
            });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private static byte[] CertificateSafe(IReadOnlyList<X509Certificate2> chain, byte[] keyId) => Encode(writer =>
    {
        using (writer.PushSequence())
        {
            for (var i = 0; i < chain.Count; i++)
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(CertificateBag);
                    using (writer.PushSequence(Explicit0))
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(X509Certificate);
                        using (writer.PushSequence(Explicit0))
                        {
                            writer.WriteOctetString(chain[i].RawDataMemory.Span);
                        }
                    }

                    if (i == 0)
                    {
                        WriteLocalKeyId(writer, keyId);
                    }
                }
            }
        }
    });

    private static void WriteData(AsnWriter writer, ReadOnlySpan<byte> content)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Data);
            using (writer.PushSequence(Explicit0))
            {
                writer.WriteOctetString(content);
            }
        }
    }

    private static void WriteEncryptedData(AsnWriter writer, ReadOnlySpan<byte> content, PfxProtection protection)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(EncryptedData);
            using (writer.PushSequence(Explicit0))
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Data);
                    protection.WriteEncrypted(writer, content, Implicit0);
                }
            }
        }
    }

    private static void WriteLocalKeyId(AsnWriter writer, byte[] keyId)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(LocalKeyId);
            using (writer.PushSetOf())
            {
                writer.WriteOctetString(keyId);
            }
        }
    }

    private static byte[] Encode(Action<AsnWriter> write)
    {
        // Large enough for most files, so that what holds the key is seldom copied; the writer wipes what it leaves behind.
        var writer = new AsnWriter(AsnEncodingRules.DER, initialCapacity: 8 * 1024);
        try
        {
            write(writer);
            return writer.Encode();
        }
        finally
        {
            writer.Reset();
        }
    }
}
