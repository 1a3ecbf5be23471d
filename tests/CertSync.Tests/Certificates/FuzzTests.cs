namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>Malformed input: refused by a typed fault, or read as a bundle whose key signs for its leaf. Nothing else.</summary>
public sealed class FuzzTests
{
    private static readonly (Issued Leaf, string Key, string Chain)[] Seeds =
    [
        (Pki.Leaf, Pki.Leaf.Pkcs8, Pki.Intermediate.Pem),
        (Pki.Leaf, Pki.Leaf.Traditional, Pki.Intermediate.Pem + Pki.Root.Pem),
        (Pki.EcLeaf, Pki.EcLeaf.Pkcs8, Pki.EcIntermediate.Pem),
        (Pki.EcLeaf, Pki.EcLeaf.Traditional, Pki.EcIntermediate.Pem + Pki.EcRoot.Pem),
    ];

    /// <summary>What a damaged block looks like around the base64; * is the body of a valid one.</summary>
    private static readonly string[] HandWritten =
    [
        "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n*", "-----BEGIN CERTIFICATE-----\n*\n-----END",
        "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE", "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE----", "-----BEGIN CERTIFICATE-----\n*\n-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\n*\n-----END RSA CERTIFICATE-----", "-----BEGIN CERTIFICATE----\n*\n-----END CERTIFICATE-----", "----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----",
        "-----BEGINCERTIFICATE-----\n*\n-----ENDCERTIFICATE-----", "-----begin certificate-----\n*\n-----end certificate-----", "-----END CERTIFICATE-----\n*\n-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE----------END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n \n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n=\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n====\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nMIA=\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMP////8=\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nMIT/////\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n!*\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n*=\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n*AAAA\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n*\n*\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n\0*\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n*\uFEFF\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\\n*\\n-----END CERTIFICATE-----\\n",
        "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n# comment\n*\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n", "-----BEGIN TRUSTED CERTIFICATE-----\n*\n-----END TRUSTED CERTIFICATE-----",
        "-----BEGIN PKCS7-----\n*\n-----END PKCS7-----", "-----BEGIN -----\n*\n-----END -----", "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED", "-----BEGIN CERTIFICATE-----\n:\n*\n-----END CERTIFICATE-----:",
        "\"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\"", "*", "{\"tls.crt\": \"*\"}", "\uFEFF", "\0", "-----", "-----BEGIN ", "-----BEGIN -----", "-----END CERTIFICATE-----",
    ];

    [Fact]
    public void Damaged_certificates_and_keys_are_refused_or_right() => Assert.All(Enumerable.Range(0, Soak.Times(300, 6000)), static seed =>
    {
        var (leaf, key, chain) = Seeds[seed % Seeds.Length];
        var mutations = new Mutations(seed);
        var tlsCrt = seed % 3 == 0 ? Pki.Bytes(leaf.Pem + chain) : mutations.Damage(leaf.Pem + chain);
        var tlsKey = seed % 3 == 1 ? Pki.Bytes(key) : mutations.Damage(key);
        IsRefusedOrRight(tlsCrt, tlsKey, seed % 5 == 0 ? mutations.Damage(chain) : []);
    });

    [Fact]
    public void Hand_written_damage_is_refused_or_right_and_in_ca_crt_never_stops_a_good_certificate() => Assert.All(HandWritten, static form =>
    {
        IsRefusedOrRight(Around(form, Pki.Leaf.Pem), Pki.Bytes(Pki.Leaf.Pkcs8), []);
        var ofKey = form.Replace("TRUSTED CERTIFICATE", "RSA PRIVATE KEY", StringComparison.Ordinal).Replace("CERTIFICATE", "PRIVATE KEY", StringComparison.Ordinal);
        IsRefusedOrRight(Pki.Bytes(Pki.Leaf.Pem), Around(ofKey, Pki.Leaf.Pkcs8), []);

        using var bundle = CertificateParser.Parse(Pki.Bytes(Pki.Leaf.Pem), Pki.Bytes(Pki.Leaf.Pkcs8), Around(form, Pki.Intermediate.Pem), new BundleOptions());
        Assert.Equal(Pki.Leaf.Thumbprint, bundle.Facts.Thumbprint);
    });

    [Fact]
    public void A_key_whose_parts_do_not_belong_together_never_signs_for_a_leaf()
    {
        var rsa = Pki.Rsa("leaf").ExportParameters(true);
        var other = Pki.Rsa("lower").ExportParameters(true);
        foreach (var mixed in new[]
        {
            other with { Modulus = rsa.Modulus, Exponent = rsa.Exponent },
            rsa with { D = other.D },
            rsa with { P = other.P, Q = other.Q },
            rsa with { DP = other.DP },
            rsa with { InverseQ = other.InverseQ },
        })
        {
            IsRefusedOrRight(Pki.Bytes(Pki.Leaf.Pem), Pki.Bytes(Pkcs1(mixed)), []);
        }

        var ec = Pki.Ec("ecleaf").ExportParameters(true);
        var foreign = Pki.Ec("ecroot").ExportECPrivateKey();
        var point = new[] { (byte)4 }.Concat(ec.Q.X!).Concat(ec.Q.Y!).ToArray();
        point.CopyTo(foreign, foreign.Length - point.Length);
        IsRefusedOrRight(Pki.Bytes(Pki.EcLeaf.Pem), Pki.Bytes(Pem("EC PRIVATE KEY", foreign)), []);
    }

    private static byte[] Around(string form, string pem) =>
        Pki.Bytes(form.Replace("*", string.Join('\n', pem.Split('\n').Where(line => line.Length > 0 && line[0] != '-')), StringComparison.Ordinal));

    private static string Pkcs1(RSAParameters key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            foreach (var number in new[] { key.Modulus, key.Exponent, key.D, key.P, key.Q, key.DP, key.DQ, key.InverseQ })
            {
                writer.WriteInteger(new BigInteger(number, isUnsigned: true, isBigEndian: true));
            }
        }

        return Pem("RSA PRIVATE KEY", writer.Encode());
    }

    private static void IsRefusedOrRight(byte[] tlsCrt, byte[] tlsKey, byte[] caCrt)
    {
        Tally.Add("hostile inputs");
        CertificateBundle bundle;
        try
        {
            bundle = CertificateParser.Parse(tlsCrt, tlsKey, caCrt, new BundleOptions());
        }
        catch (CertificateFormatException)
        {
            return;
        }

        using (bundle)
        {
            var pem = Encoding.ASCII.GetString(bundle.ToPem());
            using var leaf = X509Certificate2.CreateFromPem(pem, pem);
            var message = new SignedCms(new ContentInfo("message"u8.ToArray()));
            message.ComputeSignature(new CmsSigner(leaf) { IncludeOption = X509IncludeOption.EndCertOnly });
            message.CheckSignature(verifySignatureOnly: true);
            Assert.Equal((bundle.Facts.Thumbprint, true), (Convert.ToHexStringLower(leaf.GetCertHash()), bundle.ToPfx(PfxEncryption.Aes256Sha256).Length > 0));
        }
    }
}
