using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// Whether one certificate signed another. Done here and not with <see cref="X509Chain"/>, which judges trust and dates as well
/// and reads the machine's stores to do so.
/// </summary>
internal static class CertificateSignature
{
    /// <summary>Checks the signature of a certificate with the public key of another.</summary>
    /// <returns>Null if the algorithm is none that can be checked here (Ed25519, RSASSA-PSS, MD5).</returns>
    public static bool? IsBy(ChainCertificate issuer, ChainCertificate certificate)
    {
        var algorithm = certificate.SignatureAlgorithm;
        if (HashOf(algorithm) is not { } hash)
        {
            return null;
        }

        try
        {
            var outer = new AsnReader(certificate.Certificate.RawDataMemory, AsnEncodingRules.BER).ReadSequence();
            var signed = outer.ReadEncodedValue().Span;
            outer.ReadEncodedValue();
            var signature = outer.ReadBitString(out _);
            if (algorithm.StartsWith(Oids.EcdsaSignatures, StringComparison.Ordinal))
            {
                using var ecdsa = issuer.Certificate.GetECDsaPublicKey();
                return ecdsa?.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;
            }

            using var rsa = issuer.Certificate.GetRSAPublicKey();
            return rsa?.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1) ?? false;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return false;
        }
    }

    private static HashAlgorithmName? HashOf(string algorithm) => algorithm switch
    {
        "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA1,
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        _ => null,
    };
}
