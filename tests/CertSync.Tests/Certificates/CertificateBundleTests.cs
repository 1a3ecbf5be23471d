using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterTrust.CertSync.Certificates;
using static ClusterTrust.CertSync.Tests.Certificates.Parsing;

namespace ClusterTrust.CertSync.Tests.Certificates;

public sealed class CertificateBundleTests
{
    [Fact]
    public void An_ordinary_secret_gives_leaf_and_chain_without_the_root()
    {
        using var bundle = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Traditional, Pki.Root.Pem);

        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.Equal(Pki.Leaf.Thumbprint, bundle.Facts.Thumbprint);
        Assert.Equal(Pki.Leaf.Certificate.RawData, bundle.Chain[0].RawData);
        Assert.False(bundle.Chain[0].HasPrivateKey);
        Assert.Equal(Pki.Start, bundle.Facts.NotBefore);
        Assert.Equal(Pki.End, bundle.Facts.NotAfter);
        Assert.Equal((64, 64), (bundle.Facts.Names.Length, bundle.Facts.Issuer.Length));
        Assert.Empty(bundle.Warnings);
    }

    [Fact]
    public void The_chain_hash_is_over_the_certificates_as_they_are_sent()
    {
        using var bundle = Parse(Pki.Intermediate.Pem + Pki.Leaf.Pem, Pki.Leaf.Pkcs8);
        using var withRoot = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, Pki.Root.Pem, includeRoot: true);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. Pki.Leaf.Certificate.RawData, .. Pki.Intermediate.Certificate.RawData])), bundle.Facts.ChainSha256);
        Assert.NotEqual(bundle.Facts.ChainSha256, withRoot.Facts.ChainSha256);
        HasChain(withRoot, Pki.Leaf, Pki.Intermediate, Pki.Root);
    }

    [Fact]
    public void Identities_are_all_alternative_names_sorted_with_the_DNS_names_as_text()
    {
        var leaf = Pki.Issue("x", Pki.Rsa("leaf"), Pki.Intermediate, withNames: false, adjust: request =>
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("WWW.example.com");
            names.AddDnsName("*.example.com");
            names.AddDnsName("www.example.com");
            names.AddIpAddress(System.Net.IPAddress.Parse("192.0.2.7"));
            names.AddUri(new Uri("spiffe://a/b"));
            names.AddEmailAddress("a@example.com");
            request.CertificateExtensions.Add(names.Build());
        });

        Assert.Equal(
            ["810D61406578616D706C652E636F6D", "860C7370696666653A2F2F612F62", "8704C0000207", "DNS:*.example.com", "DNS:www.example.com"],
            IdentitiesOf(leaf));
    }

    [Fact]
    public void One_name_with_a_line_end_is_not_two_names()
    {
        using var one = Named("a\nDNS:b");
        using var two = Named("a", "b");

        Assert.NotEqual(one.Facts.Names, two.Facts.Names);

        static CertificateBundle Named(params string[] names)
        {
            var leaf = Pki.Issue("x", Pki.Rsa("leaf"), Pki.Intermediate, withNames: false, adjust: request =>
            {
                var writer = new AsnWriter(AsnEncodingRules.DER);
                using (writer.PushSequence())
                {
                    Array.ForEach(names, name => writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2)));
                }

                request.CertificateExtensions.Add(new X509Extension("2.5.29.17", writer.Encode(), critical: false));
            });
            return Parse(leaf.Pem + Pki.Intermediate.Pem, leaf.Pkcs8);
        }
    }

    [Fact]
    public void Without_alternative_names_the_subject_is_the_identity() =>
        Assert.Equal(["subject:O=Only, CN=Subject"], IdentitiesOf(Pki.Issue("O=Only, CN=Subject", Pki.Rsa("leaf"), Pki.Intermediate, withNames: false)));

    [Fact]
    public void A_certificate_with_an_empty_subject_is_read()
    {
        var leaf = Pki.Issue("", Pki.Rsa("leaf"), Pki.Intermediate, withNames: false, adjust: request =>
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("san.example.com");
            request.CertificateExtensions.Add(names.Build(critical: true));
        });
        using var bundle = Parse(leaf.Pem + Pki.Intermediate.Pem, leaf.Pkcs8);

        Assert.Equal(["DNS:san.example.com"], IdentitiesOf(leaf));
        HasChain(bundle, leaf, Pki.Intermediate);
    }

    [Fact]
    public void A_renewal_has_the_same_names_whatever_its_key()
    {
        using var first = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);
        var renewed = Pki.Issue("leaf.example.com", Pki.Ec("renewed"), Pki.Intermediate);
        using var second = Parse(renewed.Pem + Pki.Intermediate.Pem, renewed.Pkcs8);
        using var other = Parse(Pki.EcLeaf.Pem + Pki.EcIntermediate.Pem, Pki.EcLeaf.Pkcs8);

        Assert.Equal(first.Facts.Names, second.Facts.Names);
        Assert.NotEqual(first.Facts.Names, other.Facts.Names);
    }

    [Fact]
    public void An_expired_certificate_is_refused_from_the_second_after_its_end()
    {
        using var bundle = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);

        Assert.Null(bundle.RefusalAt(Pki.End));
        Assert.Contains("The certificate expired at 2027-01-01T00:00:00Z", bundle.RefusalAt(Pki.End.AddSeconds(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_depend_on_the_time()
    {
        var authority = Pki.Authority("Short-lived CA", Pki.Rsa("intermediate"), Pki.Root, end: Pki.Start.AddDays(30));
        var leaf = Pki.Issue("w.example.com", Pki.Rsa("leaf"), authority);
        using var bundle = Parse(leaf.Pem + authority.Pem, leaf.Pkcs8);

        Assert.Contains("not valid before 2026-01-01T00:00:00Z", Assert.Single(bundle.WarningsAt(Pki.Start.AddSeconds(-1))), StringComparison.Ordinal);
        Assert.Empty(bundle.WarningsAt(Pki.Start));
        Assert.Contains("CN=Short-lived CA in the chain expired at 2026-01-31", Assert.Single(bundle.WarningsAt(Pki.Start.AddDays(31))), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> IdentitiesOf(Issued issued)
    {
        using var certificate = ChainCertificate.Read(issued.Certificate.RawData, isFromLeafEntry: true);
        return certificate!.Identities;
    }
}
