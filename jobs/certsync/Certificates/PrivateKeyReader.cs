using System.Formats.Asn1;

namespace ClusterTrust.CertSync.Certificates;

/// <summary>
/// Reads the one private key of tls.key: PKCS#1, PKCS#8 or SEC1, detected by its content. Some tools write a wrong label, or an EC
/// key's private value with too few or too many leading zeros; both are corrected with a warning.
/// </summary>
internal static class PrivateKeyReader
{
    /// <summary>Bytes of a private key's DER form; RSA-4096 in PKCS#8 has about 2,400.</summary>
    private const int MaximumKeyBytes = 16 * 1024;

    private static readonly Asn1Tag Parameters = new(TagClass.ContextSpecific, 0);

    /// <param name="tlsKey">PEM in which <see cref="FileContent"/> has found a private key.</param>
    /// <returns>An RSA or ECDSA key, held by the platform's cryptography library, which wipes it on disposal.</returns>
    /// <exception cref="CertificateFormatException">There is more than one key, or Key Vault does not accept it.</exception>
    public static AsymmetricAlgorithm Read(ReadOnlySpan<byte> tlsKey, List<string> warnings)
    {
        PemBlock key = default, curve = default;
        foreach (var block in new PemScanner(tlsKey))
        {
            if (block.Label == "EC PARAMETERS")
            {
                curve = block;
            }
            else if (block.IsPrivateKey)
            {
                if (key.Label is not null && !(block.Label == key.Label && block.Body.SequenceEqual(key.Body)))
                {
                    throw new CertificateFormatException("tls.key contains more than one private key: keep only the certificate's own.");
                }

                key = block;
            }
        }

        var der = key.Label == "ENCRYPTED PRIVATE KEY" || PemBody.IsEncrypted(key.Body) ? throw Encrypted()
            : key.Body.Length > MaximumKeyBytes * 2 ? throw new CertificateFormatException("The private key in tls.key is larger than any that Key Vault accepts: use RSA 2048 to 4096 or P-256 to P-521.")
            : key.Label == "DSA PRIVATE KEY" ? throw Unsupported("DSA")
            : (key.IsTerminated ? PemBody.Decode(key.Body) : null) ?? throw Unreadable();
        try
        {
            return Read(der, key.Label, curve, warnings);
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

    private static AsymmetricAlgorithm Read(byte[] der, string label, PemBlock curve, List<string> warnings)
    {
        var outer = new AsnReader(der, AsnEncodingRules.BER);
        var key = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (key.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            throw Encrypted();
        }

        key.ReadInteger();
        if (key.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            WarnOfLabel(label, "PRIVATE KEY", "PKCS#8", warnings);
            return ReadPkcs8(key, warnings);
        }

        if (key.PeekTag().HasSameClassAndValue(Asn1Tag.PrimitiveOctetString))
        {
            WarnOfLabel(label, "EC PRIVATE KEY", "SEC1", warnings);
            return ReadSec1(der, null, curve, warnings);
        }

        WarnOfLabel(label, "RSA PRIVATE KEY", "PKCS#1", warnings);
        return ImportRsa(der);
    }

    private static void WarnOfLabel(string label, string expected, string form, List<string> warnings)
    {
        if (label != expected)
        {
            warnings.Add($"The private key in tls.key is {form} under the label of another format and was read as {form}; correct the tool that wrote it.");
        }
    }

    private static AsymmetricAlgorithm ReadPkcs8(AsnReader info, List<string> warnings)
    {
        var algorithm = info.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        var key = info.TryReadPrimitiveOctetString(out var inner) ? inner : throw Unreadable();
        return oid switch
        {
            Oids.Rsa => ImportRsa(key.Span),
            Oids.EcPublicKey => ReadSec1(key, CheckCurve(algorithm), default, warnings),
            _ => throw Unsupported(Oids.NameOf(oid)),
        };
    }

    /// <summary>Reads an ECPrivateKey (RFC 5915). Its public key is ignored: it is computed from the private value.</summary>
    /// <param name="outerCurve">The curve in the PKCS#8 structure around it, if any.</param>
    /// <param name="parameters">The EC PARAMETERS block before it, which has the curve if the key omits it.</param>
    private static ECDsa ReadSec1(ReadOnlyMemory<byte> der, string? outerCurve, PemBlock parameters, List<string> warnings)
    {
        var outer = new AsnReader(der, AsnEncodingRules.BER);
        var key = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        key.ReadInteger();
        // Not copied: only the decoded entry around it is wiped.
        var value = key.TryReadPrimitiveOctetString(out var inner) ? inner : throw Unreadable();
        var curve = key.HasData && key.PeekTag().HasSameClassAndValue(Parameters) ? CheckCurve(key.ReadSequence(Parameters)) : null;
        return ImportEc(curve ?? outerCurve ?? CurveOf(parameters) ?? throw Unreadable(), value.Span, warnings);
    }

    private static string? CurveOf(PemBlock parameters) =>
        parameters.IsTerminated && PemBody.Decode(parameters.Body) is { } named ? CheckCurve(new AsnReader(named, AsnEncodingRules.BER)) : null;

    /// <summary>Imports a private value, padded or trimmed to the length of the curve's field (RFC 5915 §3).</summary>
    private static ECDsa ImportEc(string curve, ReadOnlySpan<byte> value, List<string> warnings)
    {
        var length = curve switch { Oids.P256 => 32, Oids.P384 => 48, _ => 66 };
        var significant = value.TrimStart((byte)0);
        if (significant.Length > length || significant.IsEmpty)
        {
            throw Unreadable();
        }

        if (value.Length != length)
        {
            warnings.Add($"The private key in tls.key has {value.Length} bytes instead of the {length} of its curve and was converted; correct the tool that wrote it.");
        }

        var padded = GC.AllocateArray<byte>(length, pinned: true);
        var ecdsa = ECDsa.Create();
        try
        {
            significant.CopyTo(padded.AsSpan(length - significant.Length));
            ecdsa.ImportParameters(new ECParameters { Curve = ECCurve.CreateFromValue(curve), D = padded });
            return ecdsa;
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    /// <param name="pkcs1">An RSAPrivateKey (RFC 8017 appendix A.1.2).</param>
    private static RSA ImportRsa(ReadOnlySpan<byte> pkcs1)
    {
        AsnDecoder.ReadSequence(pkcs1, AsnEncodingRules.BER, out var version, out _, out _);
        if (AsnDecoder.TryReadInt32(pkcs1[version..], AsnEncodingRules.BER, out var form, out _) && form == 1)
        {
            // .NET imports it, but does not export it.
            throw Unsupported("RSA with more than two primes");
        }

        var rsa = RSA.Create();
        try
        {
            rsa.ImportRSAPrivateKey(pkcs1, out var read);
            return read != pkcs1.Length ? throw Unreadable()
                : rsa.KeySize is 2048 or 3072 or 4096 ? rsa
                : throw new CertificateFormatException(
                    $"The RSA key has {rsa.KeySize} bits, but Key Vault accepts 2048, 3072 or 4096: set privateKey.size of the Certificate.");
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }

    private static string CheckCurve(AsnReader parameters)
    {
        var isNamed = parameters.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier);
        var curve = isNamed ? parameters.ReadObjectIdentifier() : "one written out by its parameters";
        return curve is Oids.P256 or Oids.P384 or Oids.P521
            ? curve
            : throw new CertificateFormatException(
                $"The key's elliptic curve is {Oids.NameOf(curve)}, but only P-256, P-384 and P-521 can be imported: set privateKey.size of the Certificate to 256, 384 or 521.");
    }

    private static CertificateFormatException Encrypted() => new(
        "The private key in tls.key is encrypted with a password: store it without one, as cert-manager does.");

    private static CertificateFormatException Unsupported(string name) => new(
        $"The private key is {name}, but Key Vault accepts only RSA and ECDSA: set privateKey.algorithm of the Certificate to RSA or ECDSA.");

    private static CertificateFormatException Unreadable(Exception? cause = null) => new(
        "The private key in tls.key cannot be read: check that the PEM block is complete, or reissue the certificate.", cause);
}
