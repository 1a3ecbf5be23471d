using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>A private key that Key Vault takes, held by the platform's cryptography library, which wipes it when disposed of.</summary>
internal sealed class PrivateKey : IDisposable
{
    private readonly AsymmetricAlgorithm key;
    private readonly string algorithmOid;
    private readonly byte[]? parameters;
    private readonly byte[] publicKey;

    /// <summary>Takes over an RSA key.</summary>
    /// <param name="rsa">The key.</param>
    /// <param name="publicKey">Its RSAPublicKey (RFC 8017 appendix A.1.1), DER.</param>
    public PrivateKey(RSA rsa, byte[] publicKey)
    {
        key = rsa;
        Algorithm = KeyAlgorithm.Rsa;
        algorithmOid = Oids.Rsa;
        this.publicKey = publicKey;
    }

    /// <summary>Takes over an EC key.</summary>
    public PrivateKey(ECDsa ecdsa)
    {
        key = ecdsa;
        Algorithm = KeyAlgorithm.Ec;
        algorithmOid = Oids.EcPublicKey;
        var subjectPublicKey = new PublicKey(ecdsa);
        parameters = subjectPublicKey.EncodedParameters?.RawData;
        publicKey = subjectPublicKey.EncodedKeyValue.RawData;
    }

    /// <summary>RSA or EC.</summary>
    public KeyAlgorithm Algorithm { get; }

    /// <summary>Bits of the modulus or of the curve.</summary>
    public int Size => key.KeySize;

    /// <summary>Whether this is the private half of a certificate's public key.</summary>
    public bool Matches(X509Certificate2 certificate)
    {
        var other = certificate.PublicKey;
        return other.Oid.Value == algorithmOid
            && other.EncodedKeyValue.RawData.AsSpan().SequenceEqual(publicKey)
            && (parameters is null || other.EncodedParameters?.RawData.AsSpan().SequenceEqual(parameters) == true);
    }

    /// <summary>The key in PKCS#8 (RFC 5958), unencrypted. The caller wipes it.</summary>
    public byte[] ToPkcs8() => key.ExportPkcs8PrivateKey();

    /// <summary>The key in PKCS#8, encrypted with an empty password. The caller wipes it.</summary>
    public byte[] ToEncryptedPkcs8(PbeParameters protection) => key.ExportEncryptedPkcs8PrivateKey("", protection);

    public void Dispose() => key.Dispose();
}
