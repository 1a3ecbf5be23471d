namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>What is refused, and the policy for what Key Vault may refuse; FileContentTests has more contents of another kind.</summary>
public sealed class FaultTests
{
    private const int VaultLimit = 25 * 1024;

    private static readonly string LeafAndChain = Pem(Pki.Leaf, Pki.Intermediate);

    private static readonly string Encrypted =
        Pki.Leaf.Key.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)) + "\n";

    // The example of RFC 8410 §10.3, known to everyone.
    private static readonly string Ed25519 = Pem("PRIVATE KEY", Convert.FromBase64String("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"));

    private static readonly Dictionary<string, (string Reason, string TlsCrt, string TlsKey)> Invalid = new()
    {
        ["text"] = ("tls.crt ", "hello", Pki.Leaf.Pkcs8),
        ["a signing request"] = ("tls.crt ", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", Pki.Leaf.Pkcs8),
        ["a certificate commented out"] = ("tls.crt ", "# -----BEGIN CERTIFICATE-----\n# AAAA\n# -----END CERTIFICATE-----\n", Pki.Leaf.Pkcs8),
        ["swapped entries"] = ("tls.crt contains a private key instead of a certificate in PEM: check whether certificate and key are swapped", Pki.Leaf.Pkcs8, LeafAndChain),
        ["no key"] = ("tls.key is empty", LeafAndChain, ""),
        ["a key in tls.crt alone"] = ("tls.key is empty", LeafAndChain + Pki.Leaf.Pkcs8, ""),
        ["two keys"] = ("more than one private key", LeafAndChain, Pki.Leaf.Pkcs8 + Pki.EcLeaf.Pkcs8),
        ["one key in two forms"] = ("more than one private key", LeafAndChain, Pki.Leaf.Pkcs8 + Pki.Leaf.Traditional),
        ["an encrypted and a plain key"] = ("more than one private key", LeafAndChain, Encrypted + Pki.Leaf.Traditional),
        ["an encrypted key"] = ("encrypted with a password", LeafAndChain, Encrypted),
        ["an encrypted PKCS#1 key"] = ("encrypted with a password", LeafAndChain, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
        ["the key of its CA"] = ("tls.key matches none of the 1 certificate(s) in tls.crt (the first is CN=leaf.example.com)", Pki.Leaf.Pem, Pki.Intermediate.Pkcs8),
        ["a key of another algorithm"] = ("tls.key matches none of the 1 certificate(s)", Pki.Leaf.Pem, Pki.EcLeaf.Pkcs8),
        ["another key on the same curve"] = ("tls.key matches none", Pki.EcLeaf.Pem, Pki.EcRoot.Pkcs8),
        ["Ed25519"] = ("is Ed25519, but Key Vault accepts only RSA and ECDSA: set privateKey.algorithm", LeafAndChain, Ed25519),
        ["DSA"] = ("is DSA, but Key Vault accepts only RSA and ECDSA", LeafAndChain, "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n"),
        ["RSA of version 1"] = (
            "is RSA with more than two primes, but Key Vault accepts only RSA", LeafAndChain,
            Pem("RSA PRIVATE KEY", [.. ((RSA)Pki.Leaf.Key).ExportRSAPrivateKey().Select(static (value, index) => index == 6 ? (byte)1 : value)])),
        ["a key beyond any size"] = ("larger than any that Key Vault accepts", LeafAndChain, $"-----BEGIN PRIVATE KEY-----\n{new string('A', 40_000)}\n-----END PRIVATE KEY-----"),
        ["a long subject"] = (
            "The subject has ",
            Pki.Issue($"O={new string('o', 64)}, OU={new string('u', 64)}, L={new string('l', 64)}, CN=x", Pki.Rsa("leaf"), Pki.Intermediate, names: []).Pem, Pki.Leaf.Pkcs8),
        ["a chain beyond the limit"] = ("The certificate with its chain has ", Named(1200).Pem, Pki.Leaf.Pkcs8),
    };

    [Fact]
    public void Invalid_entries_are_refused_with_a_reason() => Assert.All(Invalid, static row =>
    {
        var (reason, tlsCrt, tlsKey) = row.Value;
        Assert.False(CertificateParser.IsEmpty(Pki.Bytes(tlsCrt)));
        IsRefused(reason, tlsCrt, tlsKey);
    });

    [Theory]
    [InlineData(""), InlineData(" \r\n\t\n")]
    public void An_empty_certificate_is_pending_whatever_the_key(string tlsCrt)
    {
        Assert.True(CertificateParser.IsEmpty(Pki.Bytes(tlsCrt)));
        IsRefused("tls.crt is empty", tlsCrt, Pki.Leaf.Pkcs8);
    }

    [Fact]
    public void A_leaf_in_ca_crt_alone_is_none() => IsRefused("tls.key matches none", Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, Pki.Leaf.Pem);

    [Theory]
    [InlineData(1024), InlineData(2056)]
    public void Rsa_keys_of_other_sizes_are_refused(int bits)
    {
        var leaf = Pki.Issue("small.example.com", Pki.Rsa("odd", bits), Pki.Intermediate);
        IsRefused($"The RSA key has {bits} bits", leaf.Pem, leaf.Traditional);
        IsRefused($"The RSA key has {bits} bits", leaf.Pem, leaf.Pkcs8);
    }

    [Theory]
    [InlineData("brainpoolP256r1", "brainpoolP256r1")]
    [InlineData("secp256k1", "secp256k1")]
    [InlineData("nistP224", "P-224")]
    [InlineData(null, "one written out by its parameters")]
    public void Other_curves_are_refused_by_name(string? curve, string name)
    {
        using var key = curve is null ? ECDsa.Create(Pki.Ec("ecleaf").ExportExplicitParameters(true)) : ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        IsRefused($"elliptic curve is {name}, but", Pki.EcLeaf.Pem, key.ExportPkcs8PrivateKeyPem());
        IsRefused($"elliptic curve is {name}, but", Pki.EcLeaf.Pem, key.ExportECPrivateKeyPem());
    }

    [Fact]
    public void An_ec_certificate_for_key_encipherment_gets_a_policy_and_the_usages_to_set()
    {
        using var bundle = Parse(With(Pki.Ec("ecleaf"), X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment), Pki.Intermediate);
        HasPolicy(bundle, isRsa: false, 256, "set usages: [digital signature, server auth]");
        using var usual = Parse(With(Pki.Ec("ecleaf"), X509KeyUsageFlags.DigitalSignature));
        using var rsa = Parse(With(Pki.Rsa("leaf"), X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment));
        Assert.Equal((null, null), (usual.KeyPolicy, rsa.KeyPolicy));
        static Issued With(AsymmetricAlgorithm key, X509KeyUsageFlags usages) => Pki.Issue("u.example.com", key, Pki.Intermediate,
            request => request.CertificateExtensions.Add(new X509KeyUsageExtension(usages, true)));
    }

    [Fact]
    public void An_rsa_leaf_under_an_ec_authority_gets_a_policy_and_the_other_way_round_needs_none()
    {
        using var rsaUnderEc = Parse(Pki.Issue("m.example.com", Pki.Rsa("leaf"), Pki.EcIntermediate), Pki.EcIntermediate);
        using var ecUnderRsa = Parse(Pki.Renewed, Pki.Intermediate);
        HasPolicy(rsaUnderEc, isRsa: true, 2048, "set privateKey.algorithm of the Certificate to ECDSA");
        Assert.Equal(2, rsaUnderEc.Chain.Count);
        HasChain(ecUnderRsa, Pki.Renewed, Pki.Intermediate);
        Assert.Null(ecUnderRsa.KeyPolicy);
    }

    [Fact]
    public void The_limit_of_the_value_is_that_of_the_form_that_is_sent()
    {
        // The most names that fit, bit by bit: only the envelope of the PFX or the line ends of the PEM make a difference then.
        var fits = new[] { 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1 }.Aggregate(0, static (fits, more) => LengthOf(Named(fits + more)) is null ? fits : fits + more);
        Assert.InRange(fits, 500, 1000);
        Assert.InRange(LengthOf(Named(fits))!.Value, VaultLimit - 200, VaultLimit);

        static int? LengthOf(Issued leaf)
        {
            try
            {
                using var bundle = Parse(leaf);
                return Convert.ToBase64String(bundle.ToPfx()).Length;
            }
            catch (CertificateFormatException refusal)
            {
                Assert.Contains("The certificate with its chain has ", refusal.Message, StringComparison.Ordinal);
                return null;
            }
        }
    }

    [Fact]
    public void Too_many_certificates_are_refused()
    {
        var crowd = Pem(Enumerable.Range(0, 201).Select(i => Pki.Issue($"crowd{i}", Pki.Ec("crowd"), null)));
        IsRefused("more than 200 different certificates", LeafAndChain + crowd, Pki.Leaf.Pkcs8);
    }

    private static void HasPolicy(CertificateBundle bundle, bool isRsa, int size, string remedy)
    {
        Assert.Equal((isRsa, size), (bundle.KeyPolicy!.IsRsa, bundle.KeyPolicy.Size));
        Assert.StartsWith(remedy, bundle.KeyPolicy.Remedy, StringComparison.Ordinal);
        Assert.Contains(bundle.KeyPolicy.Remedy, Assert.Single(bundle.Warnings), StringComparison.Ordinal);
    }

    private static Issued Named(int count) =>
        Pki.Issue("n.example.com", Pki.Rsa("leaf"), Pki.Intermediate, names: [.. Enumerable.Range(0, count).Select(static i => $"host-{i:D6}.example.com")]);
}
