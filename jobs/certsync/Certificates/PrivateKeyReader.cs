using System.Formats.Asn1;
using System.Security.Cryptography;
using ClusterTrust.Text;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>Reads the one private key of tls.key: PKCS#1, PKCS#8 or SEC1.</summary>
internal static class PrivateKeyReader
{
    /// <exception cref="CertificateFormatException">There is no key or more than one, or Key Vault does not take it.</exception>
    public static PrivateKey Read(ReadOnlySpan<byte> tlsKey)
    {
        PemBlock key = default, curve = default;
        foreach (var block in new PemScanner(tlsKey))
        {
            if (block.Label.SequenceEqual("EC PARAMETERS"u8))
            {
                curve = block;
            }
            else if (block.IsPrivateKey)
            {
                if (!key.Label.IsEmpty && !(block.Label.SequenceEqual(key.Label) && block.Body.SequenceEqual(key.Body)))
                {
                    throw new CertificateFormatException(CertificateFault.SeveralKeys, "tls.key holds more than one private key; leave only the certificate's own in it.");
                }

                key = block;
            }
        }

        if (key.Label.IsEmpty)
        {
            throw new CertificateFormatException(CertificateFault.NoKey,
                "tls.key holds no private key in PEM; put the key there as PKCS#8, PKCS#1 or SEC1 (a key inside tls.crt is not used).");
        }

        return Read(key, curve);
    }

    private static PrivateKey Read(PemBlock block, PemBlock curve)
    {
        if (block.Label.SequenceEqual("ENCRYPTED PRIVATE KEY"u8) || PemBody.IsEncrypted(block.Body))
        {
            throw new CertificateFormatException(CertificateFault.EncryptedKey,
                "The private key in tls.key is encrypted with a password; store it without one, as cert-manager does.");
        }

        if (block.Body.Length > InputLimits.KeyBytes * 2)
        {
            throw new CertificateFormatException(CertificateFault.TooLarge, "The private key in tls.key is larger than any that Key Vault takes; use RSA 2048 to 4096 or P-256 to P-521.");
        }

        var der = (block.IsTerminated ? PemBody.Decode(block.Body) : null) ?? throw Unreadable();
        try
        {
            return block.Label switch
            {
                var label when label.SequenceEqual("PRIVATE KEY"u8) => ReadPkcs8(der),
                var label when label.SequenceEqual("RSA PRIVATE KEY"u8) => ImportRsa(der, der, static (rsa, bytes) => { rsa.ImportRSAPrivateKey(bytes, out var read); return read; }),
                var label when label.SequenceEqual("EC PRIVATE KEY"u8) => ReadSec1(der, curve),
                var label when label.SequenceEqual("DSA PRIVATE KEY"u8) => throw Unsupported("DSA"),
                var label when label.SequenceEqual("OPENSSH PRIVATE KEY"u8) => throw Unsupported("OpenSSH"),
                _ => throw Unreadable(),
            };
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            throw Unreadable(e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    private static PrivateKey ReadPkcs8(byte[] der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.BER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        info.ReadInteger();
        var algorithm = info.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        switch (oid)
        {
            case Oids.Rsa:
                return ImportRsa(der, info.TryReadPrimitiveOctetString(out var inner) ? inner : throw Unreadable(),
                    static (rsa, bytes) => { rsa.ImportPkcs8PrivateKey(bytes, out var read); return read; });
            case Oids.EcPublicKey:
                CheckCurve(algorithm);
                return ImportEc(der, static (ecdsa, bytes) => { ecdsa.ImportPkcs8PrivateKey(bytes, out var read); return read; });
            default:
                throw Unsupported(Oids.NameOf(oid));
        }
    }

    private static PrivateKey ReadSec1(byte[] der, PemBlock curve)
    {
        var outer = new AsnReader(der, AsnEncodingRules.BER);
        var key = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        key.ReadInteger();
        key.ReadOctetString().AsSpan().Clear();
        var parameters = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (key.HasData && key.PeekTag().HasSameClassAndValue(parameters))
        {
            CheckCurve(key.ReadSequence(parameters));
            return ImportEc(der, static (ecdsa, bytes) => { ecdsa.ImportECPrivateKey(bytes, out var read); return read; });
        }

        // RFC 5915 lets the key leave its curve out; then the EC PARAMETERS block before it has it.
        var named = curve.IsTerminated ? PemBody.Decode(curve.Body) : null;
        return ImportEc(der, CheckCurve(new AsnReader(named ?? throw Unreadable(), AsnEncodingRules.BER)));
    }

    /// <param name="der">The key as it came.</param>
    /// <param name="pkcs1">The RSAPrivateKey (RFC 8017 appendix A.1.2) in it.</param>
    /// <param name="import">Reads <paramref name="der"/> and says how many bytes that took.</param>
    private static PrivateKey ImportRsa(byte[] der, ReadOnlyMemory<byte> pkcs1, Func<RSA, byte[], int> import)
    {
        var rsa = RSA.Create();
        try
        {
            ThrowIfTrailing(import(rsa, der), der);
            if (rsa.KeySize is not (2048 or 3072 or 4096))
            {
                throw new CertificateFormatException(CertificateFault.RsaKeySize,
                    $"The RSA key has {rsa.KeySize} bits and Key Vault takes 2048, 3072 or 4096; set privateKey.size of the Certificate.");
            }

            return new PrivateKey(rsa, PublicHalf(pkcs1));
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }

    /// <summary>The RSAPublicKey (RFC 8017 appendix A.1.1). OpenSSL, which has taken the key by now, needs longer to hand it out than for all else.</summary>
    private static byte[] PublicHalf(ReadOnlyMemory<byte> pkcs1)
    {
        var key = new AsnReader(pkcs1, AsnEncodingRules.BER).ReadSequence();
        key.ReadInteger();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(key.ReadIntegerBytes().Span);
            writer.WriteInteger(key.ReadIntegerBytes().Span);
        }

        return writer.Encode();
    }

    private static PrivateKey ImportEc(byte[] der, Func<ECDsa, byte[], int> import)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ThrowIfTrailing(import(ecdsa, der), der);
            return new PrivateKey(ecdsa);
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
    }

    private static PrivateKey ImportEc(byte[] der, string curve) => ImportEc(der, (ecdsa, bytes) =>
    {
        var key = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        key.ReadInteger();
        var secret = key.ReadOctetString();
        try
        {
            ecdsa.ImportParameters(new ECParameters { Curve = ECCurve.CreateFromValue(curve), D = secret });
            return bytes.Length;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    });

    private static string CheckCurve(AsnReader parameters)
    {
        var isNamed = parameters.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier);
        var curve = isNamed ? parameters.ReadObjectIdentifier() : "one written out by its parameters";
        return curve is Oids.P256 or Oids.P384 or Oids.P521
            ? curve
            : throw new CertificateFormatException(CertificateFault.EcCurve,
                $"The key's elliptic curve is {Oids.NameOf(curve)} and certificates go to Key Vault with P-256, P-384 or P-521; set privateKey.size of the Certificate to 256, 384 or 521.");
    }

    private static void ThrowIfTrailing(int read, byte[] der)
    {
        if (read != der.Length)
        {
            throw Unreadable();
        }
    }

    private static CertificateFormatException Unsupported(string name) => new(CertificateFault.UnsupportedKey,
        $"The private key is {name} and Key Vault takes only RSA and ECDSA; set privateKey.algorithm of the Certificate to RSA or ECDSA.");

    private static CertificateFormatException Unreadable(Exception? cause = null) => new(CertificateFault.Malformed,
        "The private key in tls.key cannot be read; check that the PEM block is whole, or have the certificate issued again.", cause);
}
