namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>Forms of a private key that tools write; WriterTests has the usual ones.</summary>
public sealed class KeyFormTests
{
    [Theory]
    [InlineData("EC PRIVATE KEY"), InlineData("RSA PRIVATE KEY"), InlineData("PRIVATE KEY")]
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
            using var bundle = Parse(leaf.Pem, Pem(label, der));
            HasChain(bundle, leaf);
            Assert.Equal(label != ownLabel, bundle.Warnings.Any(static warning => warning.Contains("under the label of another format", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("nistP256", 32)]
    [InlineData("nistP384", 48)]
    [InlineData("nistP521", 66)]
    public void An_EC_private_value_is_padded_or_trimmed_to_the_length_of_the_curve(string curve, int length)
    {
        // One private value in 256 begins with a zero byte; on P-521 the top byte has one bit only.
        var value = RandomNumberGenerator.GetBytes(length);
        (value[0], value[1], value[^1]) = (0, 1, 1);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromFriendlyName(curve), D = value });
        var leaf = Pki.Issue("short.example.com", key, Pki.EcIntermediate);
        var oid = key.ExportParameters(false).Curve.Oid.Value;
        foreach (var other in new[] { value.AsSpan().TrimStart((byte)0).ToArray(), [0, .. value], [0, 0, 0, .. value] })
        {
            var sec1 = Sec1(other, oid);
            foreach (var pem in new[] { Pem("EC PRIVATE KEY", sec1), Pem("PRIVATE KEY", Pkcs8(key, sec1)) })
            {
                using var bundle = Parse(leaf.Pem, pem);

                HasChain(bundle, leaf);
                HasWarning(bundle, "of its curve and was converted");
            }
        }

        IsRefused("The private key in tls.key cannot be read", leaf.Pem, Pem("EC PRIVATE KEY", Sec1([1, .. value], oid)));
    }

    /// <summary>As <c>openssl ecparam -genkey</c> writes it, with the curve in a block of its own.</summary>
    [Fact]
    public void A_sec1_key_may_have_its_curve_in_the_parameters_block_before_it()
    {
        var curve = Pem("EC PARAMETERS", [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]);
        var withoutCurve = Pem("EC PRIVATE KEY", Sec1(Pki.Ec("ecleaf").ExportParameters(true).D!, curve: null));
        foreach (var key in new[] { curve + Pki.EcLeaf.Traditional, curve + withoutCurve })
        {
            using var bundle = Parse(Pki.EcLeaf.Pem, key);
            HasChain(bundle, Pki.EcLeaf);
        }

        IsRefused("The private key in tls.key cannot be read", Pki.EcLeaf.Pem, withoutCurve);
    }

    [Fact]
    public void The_same_key_block_twice_is_one_key()
    {
        using var bundle = Parse(Pki.Leaf.Pem, Pki.Leaf.Pkcs8 + "\n" + Pki.Leaf.Pkcs8);
        HasChain(bundle, Pki.Leaf);
    }

    private static byte[] Sec1(byte[] value, string? curve)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(BigInteger.One);
            writer.WriteOctetString(value);
            if (curve is not null)
            {
                using var parameters = writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
                writer.WriteObjectIdentifier(curve);
            }
        }

        return writer.Encode();
    }

    private static byte[] Pkcs8(ECDsa key, byte[] sec1) => new Pkcs8PrivateKeyInfo(
        new Oid("1.2.840.10045.2.1"), new PublicKey(key).EncodedParameters!.RawData, sec1).Encode();
}
