using System.Security.Cryptography;
using ClusterTrust.CertSync.Certificates;
using static ClusterTrust.CertSync.Tests.Certificates.Parsing;

namespace ClusterTrust.CertSync.Tests.Certificates;

public sealed class PemFormTests
{
    public static TheoryData<string> Forms => [.. Rewritings.Keys];

    private static Dictionary<string, Func<string, string>> Rewritings { get; } = new()
    {
        ["as it is"] = pem => pem,
        ["CRLF"] = pem => pem.ReplaceLineEndings("\r\n"),
        ["CR only"] = pem => pem.ReplaceLineEndings("\r"),
        ["byte order mark"] = pem => "\uFEFF" + pem,
        ["byte order mark in each of two joined files"] = pem => "\uFEFF" + pem.Replace("-----\n-----BEGIN", "-----\n\uFEFF-----BEGIN", StringComparison.Ordinal),
        ["trailing blanks"] = pem => pem.Replace("\n", " \t \n", StringComparison.Ordinal),
        ["leading blanks, as from a YAML block"] = pem => "    " + pem.Replace("\n", "\n    ", StringComparison.Ordinal),
        ["blank lines"] = pem => pem.Replace("\n", "\n\n", StringComparison.Ordinal),
        ["no line end at the end"] = pem => pem.TrimEnd('\n'),
        ["joined without a line end"] = pem => pem.Replace("-----\n-----BEGIN", "----------BEGIN", StringComparison.Ordinal),
        ["line ends turned into blanks"] = pem => pem.Replace('\n', ' '),
        ["comments between blocks"] = pem => "# first\n" + pem.Replace("-----\n-----BEGIN", "-----\n# subject: CN=x -----BEGIN\n; other\n-----BEGIN", StringComparison.Ordinal) + "# last",
        ["a block commented out"] = pem => "# -----BEGIN CERTIFICATE-----\n# AAAA\n# -----END CERTIFICATE-----\n" + pem,
        ["openssl's bag attributes"] = pem => "Bag Attributes\n    localKeyID: 01 00 00 00\nsubject=CN = x\n\nissuer=CN = y\n" + pem,
        ["long lines"] = pem => LongLines(pem),
        ["other kinds of block"] = pem => "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n" + pem + "-----BEGIN X509 CRL-----\nnot base64!\n-----END X509 CRL-----\n",
        ["an unfinished block of another kind before it"] = pem => "-----BEGIN NOTE-----\nnothing ends this\n" + pem,
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Any_form_of_the_same_blocks_gives_the_same_bundle(string form)
    {
        var rewrite = Rewritings[form];
        using var expected = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Traditional, Pki.Root.Pem);
        using var bundle = Parse(rewrite(Pki.Leaf.Pem + Pki.Intermediate.Pem), rewrite(Pki.Leaf.Traditional), rewrite(Pki.Root.Pem));

        Assert.Equal(expected.Facts.ChainSha256, bundle.Facts.ChainSha256);
        Assert.Equal(expected.ToPem(), bundle.ToPem());
        Assert.All(bundle.Warnings, warning => Assert.Matches("^(tls.crt|tls.key|ca.crt) (begins with a byte order mark|has misplaced line breaks or blanks in its PEM)", warning));
    }

    public static TheoryData<string> Keys => ["rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521"];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_kind_of_key_is_read_from_each_of_its_forms(string name)
    {
        AsymmetricAlgorithm key = name[0] == 'r'
            ? Pki.Rsa("leaf", int.Parse(name.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture))
            : Pki.Ec("leaf", "nistP" + name[1..]);
        var leaf = Pki.Issue("k.example.com", key, Pki.Intermediate);
        foreach (var form in new[] { leaf.Pkcs8, leaf.Traditional })
        {
            using var bundle = Parse(leaf.Pem + Pki.Intermediate.Pem, form);
            Assert.Equal(leaf.Thumbprint, bundle.Facts.Thumbprint);
            Assert.Equal(leaf.Pkcs8 + leaf.Pem + Pki.Intermediate.Pem, System.Text.Encoding.ASCII.GetString(bundle.ToPem()));
        }
    }

    [Fact]
    public void Openssl_ecparam_output_with_its_parameters_block_is_read()
    {
        var folder = Directory.CreateTempSubdirectory("certsync-ecparam-");
        try
        {
            OpenSsl.Run(folder.FullName, "ecparam", "-name", "prime256v1", "-genkey", "-out", "key.pem");
            var pem = File.ReadAllText(Path.Combine(folder.FullName, "key.pem"));
            Assert.Contains("BEGIN EC PARAMETERS", pem, StringComparison.Ordinal);
            using var key = ECDsa.Create();
            key.ImportFromPem(pem.AsSpan(pem.IndexOf("-----BEGIN EC PRIVATE", StringComparison.Ordinal)));
            var leaf = Pki.Issue("e.example.com", key, Pki.EcIntermediate);

            using var bundle = Parse(leaf.Pem + Pki.EcIntermediate.Pem, pem);

            Assert.Equal(leaf.Thumbprint, bundle.Facts.Thumbprint);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_sec1_key_without_its_curve_takes_it_from_the_parameters_block()
    {
        var secret = Pki.Ec("ecleaf").ExportParameters(true).D!;
        byte[] sec1 = [0x30, (byte)(secret.Length + 5), 0x02, 0x01, 0x01, 0x04, (byte)secret.Length, .. secret];
        var key = new string(PemEncoding.Write("EC PRIVATE KEY", sec1));
        var curve = new string(PemEncoding.Write("EC PARAMETERS", [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]));

        using var bundle = Parse(Pki.EcLeaf.Pem, curve + "\n" + key);

        Assert.Equal(Pki.EcLeaf.Thumbprint, bundle.Facts.Thumbprint);
        IsRefused("The private key in tls.key cannot be read", Pki.EcLeaf.Pem, key);
    }

    [Fact]
    public void A_key_inside_tls_crt_is_ignored_and_reported_without_it()
    {
        foreach (var stray in new[] { Pki.Leaf.Pkcs8, Pki.EcLeaf.Traditional, "-----BEGIN PRIVATE KEY-----\nnot a key\n-----END PRIVATE KEY-----\n" })
        {
            using var bundle = Parse(stray + Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);

            HasChain(bundle, Pki.Leaf, Pki.Intermediate);
            Assert.Contains(bundle.Warnings, static warning => warning.Contains("tls.crt contains a private key", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_same_key_block_twice_is_one_key()
    {
        using var bundle = Parse(Pki.Leaf.Pem, Pki.Leaf.Pkcs8 + "\n" + Pki.Leaf.Pkcs8);

        Assert.Equal(Pki.Leaf.Thumbprint, bundle.Facts.Thumbprint);
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
