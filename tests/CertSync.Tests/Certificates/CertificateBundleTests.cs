namespace ClusterTrust.CertSync.Tests.Certificates;

public sealed class CertificateBundleTests
{
    [Fact]
    public void An_ordinary_secret_gives_leaf_and_chain_without_the_root()
    {
        using var bundle = Parse(Pem(Pki.Leaf, Pki.Intermediate), Pki.Leaf.Traditional, Pki.Root.Pem);
        using var authority = Parse(Pki.Intermediate);
        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.Equal((Pki.Leaf.Thumbprint, Pki.Start, Pki.End), (bundle.Facts.Thumbprint, bundle.Facts.NotBefore, bundle.Facts.NotAfter));
        Assert.Equal((64, 64), (bundle.Facts.Names.Length, bundle.Facts.Issuer.Length));
        Assert.Equal((false, false, true), (bundle.Chain[0].HasPrivateKey, bundle.Facts.IsCertificateAuthority, authority.Facts.IsCertificateAuthority));
        Assert.Empty(bundle.Warnings);
    }

    [Fact]
    public void The_chain_hash_is_over_the_certificates_as_they_are_sent()
    {
        using var bundle = Parse(Pem(Pki.Intermediate, Pki.Leaf), Pki.Leaf.Pkcs8, Pki.Root.Pem);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. Pki.Leaf.Certificate.RawData, .. Pki.Intermediate.Certificate.RawData])), bundle.Facts.ChainSha256);
    }

    [Fact]
    public void Identities_are_all_alternative_names_sorted_with_the_DNS_names_as_text() => HasIdentities(
        Pki.Issue("x", Pki.Rsa("leaf"), Pki.Intermediate, names: [], adjust: request =>
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("WWW.example.com");
            names.AddDnsName("*.example.com");
            names.AddDnsName("www.example.com");
            names.AddIpAddress(System.Net.IPAddress.Parse("192.0.2.7"));
            names.AddUri(new Uri("spiffe://a/b"));
            names.AddEmailAddress("a@example.com");
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        }),
        "810D61406578616D706C652E636F6D", "860C7370696666653A2F2F612F62", "8704C0000207", "DNS:*.example.com", "DNS:www.example.com");

    [Fact]
    public void Without_alternative_names_the_subject_is_the_identity()
    {
        HasIdentities(Pki.Issue("O=Only, CN=Subject", Pki.Rsa("leaf"), Pki.Intermediate, names: []), "subject:O=Only, CN=Subject");
        HasIdentities(WithDnsNames(), "subject:CN=x");
    }

    [Fact]
    public void An_empty_subject_and_a_DNS_name_that_is_not_ASCII_do_not_keep_the_certificate_from_being_read()
    {
        var leaf = Pki.Issue("", Pki.Rsa("leaf"), Pki.Intermediate, names: ["san.example.com"]);
        using var bundle = Parse(leaf, Pki.Intermediate);
        HasIdentities(leaf, "DNS:san.example.com");
        HasChain(bundle, leaf, Pki.Intermediate);
        HasIdentities(WithDnsNames("bücher.example", "example.com"), "820F62C3BC636865722E6578616D706C65", "DNS:example.com");
    }

    [Fact]
    public void A_renewal_has_the_same_names_whatever_its_key_and_one_name_with_a_line_end_is_not_two()
    {
        Assert.Equal(NamesOf(Pki.Leaf), NamesOf(Pki.Renewed));
        Assert.NotEqual(NamesOf(Pki.Leaf), NamesOf(Pki.EcLeaf));
        Assert.NotEqual(NamesOf(WithDnsNames("a\nDNS:b")), NamesOf(WithDnsNames("a", "b")));
        static string NamesOf(Issued leaf)
        {
            using var bundle = Parse(leaf);
            return bundle.Facts.Names;
        }
    }

    [Fact]
    public void An_expired_certificate_is_refused_from_the_second_after_its_end()
    {
        using var bundle = Parse(Pki.Leaf);
        Assert.Null(bundle.RefusalAt(Pki.End));
        Assert.Contains("The certificate expired at 2027-01-01T00:00:00Z", bundle.RefusalAt(Pki.End.AddSeconds(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_depend_on_the_time()
    {
        var authority = Pki.Authority("Short-lived CA", Pki.Rsa("intermediate"), Pki.Root, end: Pki.Start.AddDays(30));
        using var bundle = Parse(Pki.Issue("w.example.com", Pki.Rsa("leaf"), authority), authority);
        Assert.Contains("not valid before 2026-01-01T00:00:00Z", Assert.Single(bundle.WarningsAt(Pki.Start.AddSeconds(-1))), StringComparison.Ordinal);
        Assert.Empty(bundle.WarningsAt(Pki.Start));
        Assert.Contains("CN=Short-lived CA in the chain expired at 2026-01-31", Assert.Single(bundle.WarningsAt(Pki.Start.AddDays(31))), StringComparison.Ordinal);
    }

    /// <summary>A certificate for DNS names that the platform would not write, or none.</summary>
    private static Issued WithDnsNames(params string[] names) => Pki.Issue("x", Pki.Rsa("leaf"), Pki.Intermediate, names: [], adjust: request =>
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Array.ForEach(names, name => writer.WriteCharacterString(UniversalTagNumber.UTF8String, name, new Asn1Tag(TagClass.ContextSpecific, 2)));
        }

        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", writer.Encode(), critical: false));
    });

    private static void HasIdentities(Issued issued, params string[] identities)
    {
        using var certificate = ChainCertificate.Read(issued.Certificate.RawData, isFromLeafEntry: true);
        Assert.Equal(identities, certificate!.Identities);
    }
}
