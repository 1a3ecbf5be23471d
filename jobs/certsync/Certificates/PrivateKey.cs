using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>The kinds of key that Key Vault accepts in a certificate.</summary>
public enum KeyAlgorithm
{
    /// <summary>RSA with 2048, 3072 or 4096 bits.</summary>
    Rsa,

    /// <summary>An elliptic-curve key on P-256, P-384 or P-521.</summary>
    Ec,
}

/// <summary>A private key that Key Vault accepts, held by the platform's cryptography library, which wipes it on disposal.</summary>
internal sealed class PrivateKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly string _algorithmOid;
    private readonly byte[]? _parameters;
    private readonly byte[] _publicKey;

    /// <param name="rsa">The key, owned from now on.</param>
    /// <param name="publicKey">Its RSAPublicKey (RFC 8017 appendix A.1.1), DER.</param>
    public PrivateKey(RSA rsa, byte[] publicKey)
    {
        _key = rsa;
        Algorithm = KeyAlgorithm.Rsa;
        _algorithmOid = Oids.Rsa;
        _publicKey = publicKey;
    }

    /// <param name="ecdsa">The key, owned from now on.</param>
    public PrivateKey(ECDsa ecdsa)
    {
        _key = ecdsa;
        Algorithm = KeyAlgorithm.Ec;
        _algorithmOid = Oids.EcPublicKey;
        var subjectPublicKey = new PublicKey(ecdsa);
        _parameters = subjectPublicKey.EncodedParameters?.RawData;
        _publicKey = subjectPublicKey.EncodedKeyValue.RawData;
    }

    public KeyAlgorithm Algorithm { get; }

    /// <summary>Bits of the modulus or of the curve.</summary>
    public int Size => _key.KeySize;

    /// <summary>Whether this is the private half of a certificate's public key.</summary>
    public bool Matches(X509Certificate2 certificate)
    {
        var other = certificate.PublicKey;
        return other.Oid.Value == _algorithmOid
            && other.EncodedKeyValue.RawData.AsSpan().SequenceEqual(_publicKey)
            && (_parameters is null || other.EncodedParameters?.RawData.AsSpan().SequenceEqual(_parameters) == true);
    }

    /// <summary>The key in PKCS#8 (RFC 5958), unencrypted. The caller wipes it.</summary>
    public byte[] ToPkcs8() => _key.ExportPkcs8PrivateKey();

    /// <summary>The key in PKCS#8, encrypted with an empty password. The caller wipes it.</summary>
    public byte[] ToEncryptedPkcs8(PbeParameters protection) => _key.ExportEncryptedPkcs8PrivateKey("", protection);

    public void Dispose() => _key.Dispose();
}
