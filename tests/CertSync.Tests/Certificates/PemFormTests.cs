namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>What people and tools really put into the entries of a Secret; FileContentTests has other encodings.</summary>
public sealed class PemFormTests
{
    private static readonly string LeafAndChain = Pem(Pki.Leaf, Pki.Intermediate);

    /// <summary><see cref="BundleProperties"/> has CRLF, comments, marks and other blocks around valid ones.</summary>
    private static readonly Dictionary<string, Func<string, string>> Rewritings = new()
    {
        ["CR only"] = pem => pem.ReplaceLineEndings("\r"),
        ["byte order mark in each of two joined files"] = pem => "\uFEFF" + pem.Replace("-----\n-----BEGIN", "-----\n\uFEFF-----BEGIN", StringComparison.Ordinal),
        ["trailing blanks"] = pem => pem.Replace("\n", " \t \n", StringComparison.Ordinal),
        ["leading blanks, as from a YAML block"] = pem => "    " + pem.Replace("\n", "\n    ", StringComparison.Ordinal),
        ["joined without a line end"] = pem => pem.Replace("-----\n-----BEGIN", "----------BEGIN", StringComparison.Ordinal),
        ["line ends turned into blanks"] = pem => pem.Replace('\n', ' '),
        ["comments between blocks"] = pem => "# first\n" + pem.Replace("-----\n-----BEGIN", "-----\n# subject: CN=x -----BEGIN\n; other\n-----BEGIN", StringComparison.Ordinal) + "# last",
        ["a block commented out"] = pem => "# -----BEGIN CERTIFICATE-----\n# AAAA\n# -----END CERTIFICATE-----\n" + pem,
        ["openssl's bag attributes"] = pem => "Bag Attributes\n    localKeyID: 01 00 00 00\nsubject=CN = x\n\nissuer=CN = y\n" + pem,
        ["long lines"] = LongLines,
        ["other kinds of block"] = pem => "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n" + pem + "-----BEGIN X509 CRL-----\nnot base64!\n-----END X509 CRL-----\n",
        ["an unfinished block of another kind before it"] = pem => "-----BEGIN NOTE-----\nnothing ends this\n" + pem,
    };

    [Fact]
    public void Any_form_of_the_same_blocks_gives_the_same_bundle() => Assert.All(Rewritings, static form =>
    {
        var rewrite = form.Value;
        using var bundle = Parse(rewrite(LeafAndChain), rewrite(Pki.Leaf.Traditional), rewrite(Pki.Root.Pem));
        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.Equal(Pki.Leaf.Pkcs8 + LeafAndChain, Encoding.ASCII.GetString(bundle.ToPem()));
        Assert.All(bundle.Warnings, warning => Assert.Matches("^(tls.crt|tls.key|ca.crt) (begins with a byte order mark|has misplaced line breaks or blanks in its PEM)", warning));
    });

    [Fact]
    public void Another_encoding_is_read_with_a_warning_for_each_entry()
    {
        var (leaf, key, authority) = (Pki.Leaf.Certificate.RawData, Pki.Leaf.Key.ExportPkcs8PrivateKey(), Pki.Intermediate.Certificate.RawData);
        using var der = CertificateParser.Parse(leaf, key, authority, new BundleOptions());
        using var base64 = Parse(Base64(Pki.Leaf.Pem), Base64(Pki.Leaf.Pkcs8), Base64(Pki.Intermediate.Pem));
        foreach (var (bundle, encoding) in new[] { (der, "DER"), (base64, "base64") })
        {
            HasChain(bundle, Pki.Leaf, Pki.Intermediate);
            Assert.Equal(["tls.crt", "tls.key", "ca.crt"], bundle.Warnings.Where(warning => warning.Contains(encoding, StringComparison.Ordinal)).Select(static warning => warning.Split(' ')[0]));
        }

        static string Base64(string pem) => Convert.ToBase64String(Pki.Bytes(pem));
    }

    [Theory]
    [InlineData("PKCS7"), InlineData("CMS")]
    public void The_chain_is_read_from_pkcs7_beside_or_instead_of_the_leaf(string label)
    {
        var authority = Pkcs7(Pki.Intermediate);
        foreach (var (tlsCrt, caCrt) in new[] { (Pki.Leaf.Pem + authority, ""), (Pki.Leaf.Pem, authority), (Pkcs7(Pki.Intermediate, Pki.Leaf), "") })
        {
            using var bundle = Parse(tlsCrt, Pki.Leaf.Pkcs8, caCrt);
            HasChain(bundle, Pki.Leaf, Pki.Intermediate);
            Assert.Empty(bundle.Warnings);
        }

        // Signed data without signatures, as "openssl crl2pkcs7 -nocrl" writes it.
        string Pkcs7(params Issued[] issued) =>
            Pem(label, new X509Certificate2Collection(issued.Select(static one => one.Certificate).ToArray()).Export(X509ContentType.Pkcs7)!);
    }

    [Fact]
    public void A_TRUSTED_CERTIFICATE_block_is_read()
    {
        // What OpenSSL appends for "-addtrust serverAuth".
        byte[] uses = [0x30, 0x0C, 0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
        using var bundle = Parse(Pem("TRUSTED CERTIFICATE", [.. Pki.Leaf.Certificate.RawData, .. uses]) + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);
        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.Empty(bundle.Warnings);
    }

    public static TheoryData<string, string, string> Ignored => new()
    {
        { "tls.crt contains a private key", Pki.Leaf.Pkcs8, "" },
        { "tls.crt contains a private key", Pki.EcLeaf.Traditional, "" },
        { "tls.crt contains a private key", "-----BEGIN PRIVATE KEY-----\nnot a key\n-----END PRIVATE KEY-----\n", "" },
        { "tls.crt contains a PKCS#7 block that cannot be read", "-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n", "" },
        { "ca.crt contains 1 certificate(s) that cannot be read", "", Pki.Root.Pem.Replace('M', '!') },
        { "ca.crt contains an HTML page", "", "<!doctype html><title>Sign in</title>" },
    };

    [Theory]
    [MemberData(nameof(Ignored))]
    public void What_is_of_no_use_beside_a_good_chain_is_ignored_with_a_warning(string warning, string inTlsCrt, string caCrt)
    {
        using var bundle = Parse(inTlsCrt + LeafAndChain, Pki.Leaf.Pkcs8, caCrt);
        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        HasWarning(bundle, warning);
    }

    [Fact]
    public void The_input_is_left_as_it_was()
    {
        var key = Pki.Bytes(Pki.Leaf.Pkcs8);
        CertificateParser.Parse(Pki.Bytes(Pki.Leaf.Pem), key, default, new BundleOptions()).Dispose();
        Assert.Equal(Pki.Bytes(Pki.Leaf.Pkcs8), key);
    }

    private static string LongLines(string pem) =>
        pem.Replace("-----\n", "-----\0", StringComparison.Ordinal).Replace("\n-----", "\0-----", StringComparison.Ordinal)
            .Replace("\n", "", StringComparison.Ordinal).Replace('\0', '\n');
}
