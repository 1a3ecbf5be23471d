using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.CertSync.Certificates;
using static ClusterTrust.CertSync.Tests.Certificates.Parsing;

namespace ClusterTrust.CertSync.Tests.Certificates;

public sealed class FaultTests
{
    // The example of RFC 8410 §10.3, known to everyone.
    private const string Ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

    private static string LeafAndChain => Pki.Leaf.Pem + Pki.Intermediate.Pem;

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t\n")]
    public void An_empty_certificate_is_pending_whatever_the_key(string tlsCrt)
    {
        Assert.True(CertificateParser.IsEmpty(Pki.Bytes(tlsCrt)));
        IsRefused("tls.crt is empty", tlsCrt, Pki.Leaf.Pkcs8);
    }

    public static TheoryData<string, string, string> Invalid => new()
    {
        { "tls.crt ", "hello", Pki.Leaf.Pkcs8 },
        { "tls.crt ", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", Pki.Leaf.Pkcs8 },
        { "tls.crt ", "# -----BEGIN CERTIFICATE-----\n# AAAA\n# -----END CERTIFICATE-----\n", Pki.Leaf.Pkcs8 },
        { "tls.key ", LeafAndChain, "" },
        { "tls.key ", LeafAndChain, "no key here" },
        { "tls.key ", LeafAndChain, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" },
        { "tls.key ", LeafAndChain + Pki.Leaf.Pkcs8, "" },
        { "more than one private key", LeafAndChain, Pki.Leaf.Pkcs8 + Pki.EcLeaf.Pkcs8 },
        { "more than one private key", LeafAndChain, Pki.EcLeaf.Traditional + Pki.Leaf.Pkcs8 },
        { "more than one private key", LeafAndChain, Pki.Leaf.Pkcs8 + Pki.Leaf.Traditional },
        { "more than one private key", LeafAndChain, Encrypted(Pki.Leaf) + Pki.Leaf.Traditional },
        { "encrypted with a password", LeafAndChain, Encrypted(Pki.Leaf) },
        { "encrypted with a password", LeafAndChain, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF\n\nAAAA\n-----END RSA PRIVATE KEY-----\n" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Invalid_entries_are_refused_with_a_reason(string because, string tlsCrt, string tlsKey)
    {
        Assert.False(CertificateParser.IsEmpty(Pki.Bytes(tlsCrt)));
        IsRefused(because, tlsCrt, tlsKey);
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused_and_the_certificate_named()
    {
        foreach (var key in new[] { Pki.Intermediate.Pkcs8, Pki.EcLeaf.Pkcs8 })
        {
            IsRefused("tls.key matches none of the 1 certificate(s) in tls.crt (the first is CN=leaf.example.com)", Pki.Leaf.Pem, key);
        }

        // The same curve is not the same key, and a leaf only in ca.crt is none.
        IsRefused("tls.key matches none", Pki.EcLeaf.Pem, Pki.EcRoot.Pkcs8);
        IsRefused("tls.key matches none", Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, Pki.Leaf.Pem);
    }

    [Theory]
    [InlineData(Ed25519, "Ed25519")]
    [InlineData("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n", "DSA")]
    public void An_unsupported_key_algorithm_is_refused_by_name(string tlsKey, string name)
    {
        IsRefused($"is {name}, but Key Vault accepts only RSA and ECDSA: set privateKey.algorithm", LeafAndChain, tlsKey);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2056)]
    public void Rsa_keys_of_other_sizes_are_refused(int bits)
    {
        var leaf = Pki.Issue("small.example.com", Pki.Rsa("odd", bits), Pki.Intermediate);

        IsRefused("The RSA key has", leaf.Pem, leaf.Traditional);
        IsRefused($"has {bits} bits", leaf.Pem, leaf.Pkcs8);
    }

    [Theory]
    [InlineData("brainpoolP256r1", "brainpoolP256r1")]
    [InlineData("secp256k1", "secp256k1")]
    [InlineData("nistP224", "P-224")]
    public void Other_curves_are_refused_by_name(string curve, string name)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        foreach (var pem in new[] { key.ExportPkcs8PrivateKeyPem(), key.ExportECPrivateKeyPem() })
        {
            IsRefused($"elliptic curve is {name}, but", Pki.EcLeaf.Pem, pem);
        }
    }

    [Fact]
    public void A_curve_written_out_by_its_parameters_is_refused()
    {
        using var key = ECDsa.Create(Pki.Ec("ecleaf").ExportExplicitParameters(true));

        IsRefused("elliptic curve is", Pki.EcLeaf.Pem, key.ExportPkcs8PrivateKeyPem());
        IsRefused("elliptic curve is", Pki.EcLeaf.Pem, key.ExportECPrivateKeyPem());
    }

    [Fact]
    public void An_ec_certificate_for_key_encipherment_gets_a_policy_and_the_usages_to_set()
    {
        static Issued With(AsymmetricAlgorithm key, X509KeyUsageFlags usages) => Pki.Issue("u.example.com", key, Pki.Intermediate,
            request => request.CertificateExtensions.Add(new X509KeyUsageExtension(usages, true)));
        var both = With(Pki.Ec("ecleaf"), X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment);

        using var bundle = Parse(both.Pem + Pki.Intermediate.Pem, both.Pkcs8);

        Assert.Equal((KeyAlgorithm.Ec, 256), (bundle.KeyPolicy!.Algorithm, bundle.KeyPolicy.Size));
        Assert.Contains("usages: [digital signature, server auth]", bundle.KeyPolicy.Cure, StringComparison.Ordinal);
        Assert.Contains(bundle.KeyPolicy.Cure, Assert.Single(bundle.Warnings), StringComparison.Ordinal);
        using var usual = Parse(With(Pki.Ec("ecleaf"), X509KeyUsageFlags.DigitalSignature).Pem, Pki.EcLeaf.Pkcs8);
        using var rsa = Parse(With(Pki.Rsa("leaf"), X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment).Pem, Pki.Leaf.Pkcs8);
        Assert.Equal((null, null), (usual.KeyPolicy, rsa.KeyPolicy));
    }

    [Fact]
    public void An_rsa_leaf_under_an_ec_authority_gets_a_policy_and_the_other_way_round_needs_none()
    {
        var rsaUnderEc = Pki.Issue("m.example.com", Pki.Rsa("leaf"), Pki.EcIntermediate);
        var ecUnderRsa = Pki.Issue("m.example.com", Pki.Ec("ecleaf"), Pki.Intermediate);

        using var mixed = Parse(rsaUnderEc.Pem + Pki.EcIntermediate.Pem, rsaUnderEc.Pkcs8);
        using var bundle = Parse(ecUnderRsa.Pem + Pki.Intermediate.Pem, ecUnderRsa.Pkcs8);

        Assert.Equal((KeyAlgorithm.Rsa, 2048), (mixed.KeyPolicy!.Algorithm, mixed.KeyPolicy.Size));
        Assert.Contains(mixed.KeyPolicy.Cure, Assert.Single(mixed.Warnings), StringComparison.Ordinal);
        HasChain(mixed, rsaUnderEc, Pki.EcIntermediate);
        HasChain(bundle, ecUnderRsa, Pki.Intermediate);
        Assert.Null(bundle.KeyPolicy);
    }

    [Fact]
    public void A_certificate_authority_is_recognized()
    {
        using var authority = Parse(Pki.Intermediate.Pem, Pki.Intermediate.Pkcs8);
        using var leaf = Parse(LeafAndChain, Pki.Leaf.Pkcs8);

        Assert.True(authority.Facts.IsCertificateAuthority);
        Assert.False(leaf.Facts.IsCertificateAuthority);
    }

    [Fact]
    public void A_certificate_beyond_a_limit_of_the_vault_is_refused()
    {
        var longSubject = Pki.Issue("O=" + new string('o', 64) + ", OU=" + new string('u', 64) + ", L=" + new string('l', 64) + ", CN=x", Pki.Rsa("leaf"), Pki.Intermediate, withNames: false);
        var manyNames = Named(1200);

        IsRefused("The subject has ", longSubject.Pem, longSubject.Pkcs8);
        IsRefused("The certificate with its chain has ", manyNames.Pem, manyNames.Pkcs8);
    }

    [Fact]
    public void The_limit_of_the_value_is_that_of_the_form_that_is_sent()
    {
        // Names are added until only the envelope of the PFX or the line ends of the PEM make the difference.
        var (fits, tooLong) = (0, 2000);
        while (tooLong - fits > 1)
        {
            var middle = (fits + tooLong) / 2;
            (fits, tooLong) = Sends(Named(middle)) ? (middle, tooLong) : (fits, middle);
        }

        Assert.InRange(fits, 500, 1000);
        using var bundle = Parse(Named(fits).Pem, Pki.Leaf.Pkcs8);
        Assert.InRange(Convert.ToBase64String(bundle.ToPfx()).Length, VaultLimit - 200, VaultLimit);

        static bool Sends(Issued leaf)
        {
            try
            {
                using var bundle = Parse(leaf.Pem, leaf.Pkcs8);
                bundle.ToPfx();
                return true;
            }
            catch (CertificateFormatException refusal)
            {
                Assert.Contains("The certificate with its chain has ", refusal.Message, StringComparison.Ordinal);
                return false;
            }
        }
    }

    [Fact]
    public void Too_many_certificates_and_too_large_keys_are_refused()
    {
        var crowd = string.Concat(Enumerable.Range(0, 201).Select(i => Pki.Issue($"crowd{i}", Pki.Ec("crowd"), null).Pem));

        IsRefused("more than 200 different certificates", LeafAndChain + crowd, Pki.Leaf.Pkcs8);
        IsRefused("larger than any that Key Vault accepts", LeafAndChain, $"-----BEGIN PRIVATE KEY-----\n{new string('A', 40_000)}\n-----END PRIVATE KEY-----");
    }

    [Fact]
    public void A_damaged_authority_entry_is_only_a_warning()
    {
        using var bundle = Parse(LeafAndChain, Pki.Leaf.Pkcs8, Pki.Root.Pem.Replace('M', '!'));

        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.Contains("ca.crt contains 1 certificate(s) that cannot be read", Assert.Single(bundle.Warnings), StringComparison.Ordinal);
    }

    private static int VaultLimit => 25 * 1024;

    private static string Encrypted(Issued issued) =>
        issued.Key.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)) + "\n";

    private static Issued Named(int count) => Pki.Issue("n.example.com", Pki.Rsa("leaf"), Pki.Intermediate, withNames: false, adjust: request =>
    {
        var names = new SubjectAlternativeNameBuilder();
        for (var i = 0; i < count; i++)
        {
            names.AddDnsName($"host-{i:D6}.example.com");
        }

        request.CertificateExtensions.Add(names.Build());
    });
}
