namespace ClusterTrust.Shared.Tests.Text;

public sealed class FileContentTests
{
    private static readonly RSA Key = RSA.Create(2048);
    private static readonly ECDsa EcKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly X509Certificate2 Certificate =
        new CertificateRequest("CN=example", Key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
    private static readonly string KeyPem = Key.ExportPkcs8PrivateKeyPem() + "\n";
    private static readonly string CertificatePem = Certificate.ExportCertificatePem() + "\n";
    private static readonly string PublicPem = Key.ExportSubjectPublicKeyInfoPem() + "\n";

    /// <summary>Ways in which a PEM file arrives that can be undone, with a word of the warning.</summary>
    public static TheoryData<string, Func<string, byte[]>> Wrappings => new()
    {
        { "byte order mark", static pem => [0xEF, 0xBB, 0xBF, .. Ascii(pem)] },
        { "UTF-16", static pem => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(pem)] },
        { "UTF-16", static pem => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(pem)] },
        { "UTF-16", static pem => Encoding.Unicode.GetBytes(pem) },
        { "\\n", static pem => Ascii(pem.Replace("\n", "\\n", StringComparison.Ordinal)) },
        { "\\n", static pem => Ascii(pem.Replace("\n", "\\r\\n", StringComparison.Ordinal)) },
        { "\\n", static pem => Ascii(pem.Replace("\n", "\\\\n", StringComparison.Ordinal)) },
        { "line breaks", static pem => Ascii(pem.Trim().Replace('\n', ' ')) },
        { "line breaks", static pem => Ascii(pem.Replace("\n", "", StringComparison.Ordinal)) },
        { "line breaks", static pem => Ascii(pem.Replace("END ", "END\n", StringComparison.Ordinal)) },
        { "line breaks", static pem => Ascii("  " + pem.Replace("\n", "\n  ", StringComparison.Ordinal)) },
        { "line breaks", static pem => Ascii(pem.Replace("-----\n-----", "----------", StringComparison.Ordinal).Replace("-----\nM", "----- M", StringComparison.Ordinal)) },
        { "base64", static pem => Ascii(Convert.ToBase64String(Ascii(pem))) },
        { "base64", static pem => Ascii(Convert.ToBase64String(Ascii(pem), Base64FormattingOptions.InsertLineBreaks)) },
        { "quotes", static pem => Ascii($"\"{pem.Trim()}\"\n") },
        { "quotes", static pem => Ascii($"'{pem.Replace("\n", "\\n", StringComparison.Ordinal)}'") },
        { "base64", static pem => Ascii(Convert.ToBase64String([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(pem)])) },
    };

    [Theory]
    [MemberData(nameof(Wrappings))]
    public void Wrapped_pem_is_unwrapped_with_a_warning(string word, Func<string, byte[]> wrap)
    {
        foreach (var (pem, kind) in new[] { (CertificatePem + CertificatePem, FileKind.Certificate), (KeyPem, FileKind.PrivateKey), (KeyPem, FileKind.SshPrivateKey) })
        {
            using var content = FileContent.Read(wrap(pem), kind);
            Assert.Null(content.Fault);
            Assert.Equal(pem, Encoding.ASCII.GetString(content.Bytes.Span).TrimEnd() + "\n");
            Assert.Contains(content.Warnings, warning => warning.Contains(word, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEX me@example.com\n")]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----\nAAAAC3NzaC1lZDI1NTE5AAAAIEX\n---- END SSH2 PUBLIC KEY ----\n")]
    public void A_public_key_before_the_private_one_is_ignored(string publicKey)
    {
        using var content = FileContent.Read(Ascii(publicKey + KeyPem), FileKind.SshPrivateKey);
        Assert.Null(content.Fault);
        Assert.EndsWith(KeyPem, Encoding.ASCII.GetString(content.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_content_is_left_as_it_is()
    {
        foreach (var (text, kind) in new[]
        {
            (CertificatePem, FileKind.Certificate),
            ("# comment\n" + CertificatePem.ReplaceLineEndings("\r\n"), FileKind.Certificate),
            (KeyPem, FileKind.PrivateKey),
            (EcKey.ExportECPrivateKeyPem(), FileKind.PrivateKey),
            ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", FileKind.SshPrivateKey),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n", FileKind.SshPrivateKey),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nComment: a b\n\nlQOYBF\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n", FileKind.PgpPrivateKey),
            ("ghp_0123456789abcdef\n", FileKind.Token),
            ("bG9va3MgbGlrZSBiYXNlNjQ=", FileKind.Token),
            ("apiVersion: v1\nkind: Config\n", FileKind.Kubeconfig),
            ("""{"apiVersion":"v1","users":[{"name":"a\nb"}]}""", FileKind.Kubeconfig),
            ("# hosts\ngithub.com ssh-ed25519 AAAAC3Nz\n|1|x=|y= ssh-rsa AAAA\n", FileKind.KnownHosts),
        })
        {
            using var content = FileContent.Read(Encoding.UTF8.GetBytes(text), kind);
            Assert.Null(content.Fault);
            Assert.Empty(content.Warnings);
            Assert.Equal(text, Encoding.UTF8.GetString(content.Bytes.Span));
        }
    }

    /// <summary>What people give, and words of the sentence for each kind that was expected.</summary>
    public static TheoryData<byte[], (FileKind Expected, string Words)[]> Mistakes { get; } = new()
    {
        {
            Ascii(KeyPem),
            [
                (FileKind.Certificate, "a private key instead of a certificate in PEM: check whether certificate and key are swapped"),
                (FileKind.Token, "a private key instead of a token"),
                (FileKind.KnownHosts, "a private key instead of a list of host keys"),
            ]
        },
        {
            Ascii(CertificatePem),
            [
                (FileKind.PrivateKey, "a certificate instead of a private key in PEM: check whether certificate and key are swapped"),
                (FileKind.SshPrivateKey, "a certificate instead of an SSH private key"),
                (FileKind.Kubeconfig, "a certificate instead of a kubeconfig"),
            ]
        },
        { Ascii(PublicPem), [(FileKind.PrivateKey, "a public key instead of a private key in PEM"), (FileKind.SshPrivateKey, "a public key instead of an SSH private key: give the file without .pub")] },
        {
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEX me@example.com\n"u8.ToArray(),
            [(FileKind.SshPrivateKey, "a public key instead of an SSH private key: give the file without .pub"), (FileKind.KnownHosts, "a public key instead of a list of host keys")]
        },
        { new CertificateRequest("CN=a", Key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(), [(FileKind.Certificate, "a certificate signing request")] },
        { Ascii(new string(PemEncoding.Write("OPENSSH PRIVATE KEY", "openssh-key-v1\0"u8))), [(FileKind.PrivateKey, "OpenSSH's own form instead of a private key in PEM: convert")] },
        { "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"u8.ToArray(), [(FileKind.SshPrivateKey, "a PuTTY key instead of an SSH private key: convert it with 'puttygen")] },
        { Certificate.Export(X509ContentType.Pkcs12), For("PKCS#12", FileKind.Certificate, FileKind.PrivateKey) },
        { Ascii(Convert.ToBase64String(Certificate.Export(X509ContentType.Pkcs12))), [(FileKind.Certificate, "PKCS#12")] },
        { Key.ExportEncryptedPkcs8PrivateKey("x", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)), [(FileKind.PrivateKey, "an encrypted private key")] },
        { [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2], [(FileKind.PrivateKey, "Java keystore")] },
        { "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"u8.ToArray(), [(FileKind.PgpPrivateKey, "not a private key")] },
        { [0x95, 0x03, 0x98, 0x04], [(FileKind.PgpPrivateKey, "binary OpenPGP"), (FileKind.SshPrivateKey, "a binary OpenPGP key instead of an SSH private key: export it with 'gpg --armor --export-secret-keys KEYID'")] },
        { "<!DOCTYPE html>\n<html><body>Sign in</body></html>"u8.ToArray(), For("an HTML page", FileKind.Token, FileKind.KnownHosts, FileKind.Kubeconfig, FileKind.Certificate, FileKind.SshPrivateKey) },
        { " \n"u8.ToArray(), For("is empty", FileKind.Token, FileKind.Kubeconfig) },
        { "<your key>\n"u8.ToArray(), For("a placeholder", FileKind.Token, FileKind.PrivateKey, FileKind.SshPrivateKey) },
        { "changeme\n"u8.ToArray(), [(FileKind.SshPrivateKey, "a placeholder")] },
        { "${TOKEN}"u8.ToArray(), [(FileKind.Token, "a placeholder")] },
        { "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----\n"u8.ToArray(), [(FileKind.PrivateKey, "placeholder")] },
        { "DATA+OMITTED"u8.ToArray(), [(FileKind.Certificate, "kubectl config view --raw --flatten")] },
        { "{\"token\": \"x\"}"u8.ToArray(), [(FileKind.Token, "JSON instead of a token")] },
        { "token\nother"u8.ToArray(), [(FileKind.Token, "contains several words or lines instead of a token: store only the token, in one line")] },
        { "see the other file"u8.ToArray(), [(FileKind.PrivateKey, "text without the BEGIN and END lines of PEM")] },
        { new byte[100], [(FileKind.KnownHosts, "binary data")] },
        { Convert.FromHexString("3080020101020101020101020101020101020101"), [(FileKind.Certificate, "contains binary data instead of a certificate")] },
        { Convert.FromHexString("3012308002010102010102010102010102010102"), [(FileKind.Certificate, "contains binary data instead of a certificate")] },
        { Convert.FromHexString("3084FFFFFFFF0201010201010201010201010201"), [(FileKind.Certificate, "contains binary data instead of a certificate")] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Content_of_another_kind_is_named(byte[] given, (FileKind Expected, string Words)[] sentences) => Assert.All(sentences, sentence =>
    {
        using var content = FileContent.Read(given, sentence.Expected);
        Assert.Contains(sentence.Words, content.Fault, StringComparison.Ordinal);
        Assert.DoesNotContain("-----", content.Fault, StringComparison.Ordinal);
        Assert.Equal(content.Fault, Redaction.Redact(content.Fault!));
    });

    [Fact]
    public void Der_becomes_pem()
    {
        foreach (var (der, kind, label) in new[]
        {
            (Certificate.RawData, FileKind.Certificate, "CERTIFICATE"),
            (Key.ExportPkcs8PrivateKey(), FileKind.PrivateKey, "PRIVATE KEY"),
            (Key.ExportRSAPrivateKey(), FileKind.PrivateKey, "RSA PRIVATE KEY"),
            (EcKey.ExportECPrivateKey(), FileKind.PrivateKey, "EC PRIVATE KEY"),
            (Ascii(Convert.ToBase64String(Certificate.RawData)), FileKind.Certificate, "CERTIFICATE"),
        })
        {
            using var content = FileContent.Read(der, kind);
            Assert.Null(content.Fault);
            Assert.Contains(content.Warnings, warning => warning.Contains("DER", StringComparison.Ordinal));
            Assert.StartsWith($"-----BEGIN {label}-----\n", Encoding.ASCII.GetString(content.Bytes.Span), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Tokens_and_kubeconfigs_that_were_encoded_twice_are_decoded()
    {
        foreach (var (text, kind) in new[] { ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", FileKind.Token), ("ghp_0123456789abcdef", FileKind.Token), ("apiVersion: v1\nclusters: []\n", FileKind.Kubeconfig) })
        {
            using var content = FileContent.Read(Ascii(Convert.ToBase64String(Ascii(text))), kind);
            Assert.Null(content.Fault);
            Assert.Equal(text.TrimEnd(), content.Text);
            Assert.Single(content.Warnings);
        }
    }

    [Fact]
    public void The_empty_line_and_the_checksum_line_of_folded_armor_are_restored()
    {
        var armor = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + new string('A', 64) + "\nBBBB\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n";
        using var content = FileContent.Read(Ascii(armor.Replace('\n', ' ')), FileKind.PgpPrivateKey);
        Assert.Null(content.Fault);
        Assert.Equal(armor, Encoding.ASCII.GetString(content.Bytes.Span));
    }

    [Fact]
    public void Any_bytes_are_read_without_an_exception() => Gen.Select(Gen.Byte.Array[0, 300], Gen.Enum<FileKind>()).Sample((bytes, kind) =>
    {
        using var content = FileContent.Read(bytes, kind);
        return content.Fault?.Contains("-----", StringComparison.Ordinal) != true;
    });

    [Fact]
    public void Any_text_of_fragments_is_read_without_an_exception()
    {
        string[] fragments = ["-----BEGIN ", "-----", "END ", "PRIVATE KEY", "CERTIFICATE", "\n", "\\n", "\\", "\"", " ", ":", "AAAA", "=", "<", "MII", "\uFEFF", "PGP PRIVATE KEY BLOCK"];
        Gen.Select(Gen.Int[0, fragments.Length - 1].Select(i => fragments[i]).Array[0, 40], Gen.Enum<FileKind>()).Sample((parts, kind) =>
        {
            using var content = FileContent.Read(Encoding.UTF8.GetBytes(string.Concat(parts)), kind);
            _ = content.Text;
        });
    }

    public static TheoryData<string> Fragments =>
    [
        "-----BEGIN A-----\n", "-----BEGIN PRIVATE KEY-----", "-----BEGIN A----- A -----END A-----", "\\\\\\n", " ",
        "-----", "MIIB", "LS0tLS1CRUdJTi",
    ];

    /// <summary>Quadratic work would take 64 times as long for eight times the content; the bound is far above linear.</summary>
    [Theory]
    [MemberData(nameof(Fragments))]
    public void Time_grows_with_the_length_and_not_faster(string fragment)
    {
        var ratio = ThreadTime.Ratio(Read(160_000), Read(20_000), bound: 32);
        Assert.True(ratio < 32, $"Eight times the content takes {ratio:0.0} times as long.");

        Action Read(int length)
        {
            var bytes = Ascii(string.Concat(Enumerable.Repeat(fragment, (length / fragment.Length) + 1)));
            return () => FileContent.Read(bytes, FileKind.PrivateKey).Dispose();
        }
    }

    [Fact]
    public void Disposing_wipes_the_content()
    {
        var content = FileContent.Read(Ascii(KeyPem.Replace('\n', ' ')), FileKind.PrivateKey);
        var bytes = content.Bytes;
        content.Dispose();
        Assert.Equal(-1, bytes.Span.IndexOfAnyExcept((byte)0));
    }

    private static (FileKind Expected, string Words)[] For(string words, params FileKind[] kinds) => [.. kinds.Select(kind => (kind, words))];

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
