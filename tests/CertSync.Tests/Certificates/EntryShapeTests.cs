using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ClusterTrust.CertSync.Certificates;
using static ClusterTrust.CertSync.Tests.Certificates.Parsing;

namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>What people and tools really put into the entries of a Secret.</summary>
public sealed class EntryShapeTests
{
    private static readonly string CrtPem = Pki.Leaf.Pem + Pki.Intermediate.Pem;

    /// <summary>FileContentTests has the other encodings.</summary>
    [Fact]
    public void Another_encoding_of_certificate_and_key_is_read_with_a_warning_for_each()
    {
        using var bundle = Parse(Base64(CrtPem), Base64(Pki.Leaf.Pkcs8));

        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.StartsWith("tls.crt is encoded in base64", bundle.Warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("tls.key is encoded in base64", bundle.Warnings[1], StringComparison.Ordinal);
        Assert.Equal(Pki.Leaf.Pkcs8 + CrtPem, Encoding.ASCII.GetString(bundle.ToPem()));

        static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
    }

    [Fact]
    public void Der_is_read_with_a_warning()
    {
        using var bundle = CertificateParser.Parse(Pki.Leaf.Certificate.RawData, Pki.Leaf.Key.ExportPkcs8PrivateKey(), Pki.Intermediate.Certificate.RawData, new BundleOptions());

        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.Equal(3, bundle.Warnings.Count(static warning => warning.Contains("DER", StringComparison.Ordinal)));
    }

    [Fact]
    public void Unreadable_content_is_named()
    {
        Assert.Contains("tls.crt contains a private key instead of a certificate in PEM: check whether certificate and key are swapped", Refused(Pki.Leaf.Pkcs8, CrtPem).Message, StringComparison.Ordinal);
        Assert.Contains("tls.key contains a certificate", Refused(CrtPem, CrtPem).Message, StringComparison.Ordinal);
        Assert.Contains("tls.key contains a private key in OpenSSH's own form", Refused(CrtPem, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n").Message, StringComparison.Ordinal);
        Assert.Contains("tls.key contains a PKCS#12 file (PFX)", Refused(Encoding.ASCII.GetBytes(CrtPem), Pki.Leaf.Certificate.Export(X509ContentType.Pkcs12)).Message, StringComparison.Ordinal);
        Assert.Contains("tls.crt contains an HTML page", Refused("<!doctype html><title>Sign in</title>", Pki.Leaf.Pkcs8).Message, StringComparison.Ordinal);
        Assert.Contains("tls.key is empty", Refused(CrtPem, "").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EC PRIVATE KEY")]
    [InlineData("RSA PRIVATE KEY")]
    [InlineData("PRIVATE KEY")]
    public void A_key_is_read_by_its_content_under_any_label(string label)
    {
        foreach (var (leaf, der, ownLabel) in new[]
        {
            (Pki.Leaf, Pki.Leaf.Key.ExportPkcs8PrivateKey(), "PRIVATE KEY"),
            (Pki.Leaf, ((RSA)Pki.Leaf.Key).ExportRSAPrivateKey(), "RSA PRIVATE KEY"),
            (Pki.EcLeaf, Pki.EcLeaf.Key.ExportPkcs8PrivateKey(), "PRIVATE KEY"),
            (Pki.EcLeaf, ((ECDsa)Pki.EcLeaf.Key).ExportECPrivateKey(), "EC PRIVATE KEY"),
        })
        {
            using var bundle = Parse(leaf.Pem, new string(PemEncoding.Write(label, der)));

            Assert.Equal(leaf.Thumbprint, bundle.Facts.Thumbprint);
            Assert.Equal(label != ownLabel, bundle.Warnings.Any(static warning => warning.Contains("under the label of another format", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("nistP256", 32)]
    [InlineData("nistP384", 48)]
    [InlineData("nistP521", 66)]
    public void An_EC_private_value_is_padded_or_trimmed_to_the_length_of_the_curve(string curve, int length)
    {
        using var key = WithLeadingZero(curve, length);
        var leaf = Pki.Issue("short.example.com", key, Pki.EcIntermediate);
        var value = key.ExportParameters(true).D!;
        foreach (var other in new[] { value.AsSpan().TrimStart((byte)0).ToArray(), [0, .. value], [0, 0, 0, .. value] })
        {
            var sec1 = Sec1(key, curve, other);
            foreach (var pem in new[] { new string(PemEncoding.Write("EC PRIVATE KEY", sec1)), new string(PemEncoding.Write("PRIVATE KEY", Pkcs8(key, sec1))) })
            {
                using var bundle = Parse(leaf.Pem, pem);

                Assert.Equal(leaf.Thumbprint, bundle.Facts.Thumbprint);
                Assert.Contains(bundle.Warnings, static warning => warning.Contains("of its curve and was converted", StringComparison.Ordinal));
            }
        }

        IsRefused("The private key in tls.key cannot be read", leaf.Pem, new string(PemEncoding.Write("EC PRIVATE KEY", Sec1(key, curve, [1, .. value]))));
    }

    [Fact]
    public void The_chain_is_read_from_pkcs7_beside_or_instead_of_the_leaf()
    {
        foreach (var label in new[] { "PKCS7", "CMS" })
        {
            var pem = new string(PemEncoding.Write(label, Degenerate(Pki.Intermediate)));
            using var beside = Parse(Pki.Leaf.Pem + pem, Pki.Leaf.Pkcs8);
            using var inAuthorities = Parse(Pki.Leaf.Pem, Pki.Leaf.Pkcs8, pem);
            using var instead = Parse(new string(PemEncoding.Write(label, Degenerate(Pki.Intermediate, Pki.Leaf))), Pki.Leaf.Pkcs8);

            foreach (var bundle in new[] { beside, inAuthorities, instead })
            {
                HasChain(bundle, Pki.Leaf, Pki.Intermediate);
                Assert.Empty(bundle.Warnings);
            }
        }

        using var damaged = Parse(Pki.Leaf.Pem + "-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n", Pki.Leaf.Pkcs8);
        Assert.Contains(damaged.Warnings, static warning => warning.Contains("PKCS#7", StringComparison.Ordinal));
    }

    [Fact]
    public void A_TRUSTED_CERTIFICATE_block_is_read()
    {
        // What OpenSSL appends for "-addtrust serverAuth".
        byte[] uses = [0x30, 0x0C, 0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
        var pem = new string(PemEncoding.Write("TRUSTED CERTIFICATE", [.. Pki.Leaf.Certificate.RawData, .. uses]));

        using var bundle = Parse(pem + "\n" + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);

        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.Empty(bundle.Warnings);
    }

    private static CertificateFormatException Refused(byte[] tlsCrt, byte[] tlsKey) =>
        Assert.Throws<CertificateFormatException>(() => CertificateParser.Parse(tlsCrt, tlsKey, default, new BundleOptions()).Dispose());

    private static CertificateFormatException Refused(string tlsCrt, string tlsKey) => Parsing.Refused(tlsCrt, tlsKey);

    /// <summary>A key whose private value begins with a zero byte, as one in 256 does; on P-521 the top byte has one bit only.</summary>
    private static ECDsa WithLeadingZero(string curve, int length)
    {
        var value = RandomNumberGenerator.GetBytes(length);
        (value[0], value[1], value[^1]) = (0, 1, 1);
        return ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromFriendlyName(curve), D = value });
    }

    private static byte[] Sec1(ECDsa key, string curve, byte[] value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(BigInteger.One);
            writer.WriteOctetString(value);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                writer.WriteObjectIdentifier(key.ExportParameters(false).Curve.Oid.Value ?? ECCurve.CreateFromFriendlyName(curve).Oid.Value!);
            }
        }

        return writer.Encode();
    }

    private static byte[] Pkcs8(ECDsa key, byte[] sec1) => new Pkcs8PrivateKeyInfo(
        new Oid("1.2.840.10045.2.1"), new PublicKey(key).EncodedParameters!.RawData, sec1).Encode();

    /// <summary>Signed data without signatures, as <c>openssl crl2pkcs7 -nocrl</c> writes it.</summary>
    private static byte[] Degenerate(params Issued[] issued)
    {
        var certificates = new X509Certificate2Collection(issued.Select(static one => one.Certificate).ToArray());
        return certificates.Export(X509ContentType.Pkcs7)!;
    }
}
