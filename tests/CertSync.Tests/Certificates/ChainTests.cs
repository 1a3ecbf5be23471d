using static ClusterTrust.CertSync.Tests.Certificates.Parsing;

namespace ClusterTrust.CertSync.Tests.Certificates;

public sealed class ChainTests
{
    private static readonly Issued Lower = Pki.Authority("Lower", Pki.Rsa("lower"), Pki.Intermediate);
    private static readonly Issued DeepLeaf = Pki.Issue("deep.example.com", Pki.Rsa("leaf"), Lower);

    [Fact]
    public void Any_order_gives_leaf_then_each_ones_issuer()
    {
        foreach (var order in new[] { new[] { 0, 1, 2, 3 }, [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1] })
        {
            var blocks = new[] { DeepLeaf, Lower, Pki.Intermediate, Pki.Root };
            using var bundle = Parse(string.Concat(order.Select(i => blocks[i].Pem)), DeepLeaf.Pkcs8);

            HasChain(bundle, DeepLeaf, Lower, Pki.Intermediate);
            Assert.Empty(bundle.Warnings);
        }
    }

    [Fact]
    public void The_root_is_kept_when_asked_for_wherever_it_is()
    {
        using var inLeafEntry = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem + Pki.Root.Pem, Pki.Leaf.Pkcs8, includeRoot: true);
        using var inAuthorityEntry = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, Pki.Root.Pem, includeRoot: true);
        using var nowhere = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, includeRoot: true);

        HasChain(inLeafEntry, Pki.Leaf, Pki.Intermediate, Pki.Root);
        HasChain(inAuthorityEntry, Pki.Leaf, Pki.Intermediate, Pki.Root);
        HasChain(nowhere, Pki.Leaf, Pki.Intermediate);
    }

    [Fact]
    public void A_certificate_that_signed_itself_is_its_own_chain()
    {
        var self = Pki.Issue("self.example.com", Pki.Rsa("leaf"), null);
        using var bundle = Parse(self.Pem, self.Pkcs8, self.Pem, strict: true);

        HasChain(bundle, self);
        Assert.Empty(bundle.Warnings);
    }

    [Fact]
    public void Intermediates_come_from_ca_crt_when_they_complete_the_chain()
    {
        using var bundle = Parse(DeepLeaf.Pem, DeepLeaf.Pkcs8, Pki.Root.Pem + Pki.Intermediate.Pem + Lower.Pem + Pki.EcRoot.Pem, strict: true);

        HasChain(bundle, DeepLeaf, Lower, Pki.Intermediate);
        Assert.Empty(bundle.Warnings);
    }

    [Fact]
    public void A_leaf_right_under_its_root_needs_no_intermediate()
    {
        var leaf = Pki.Issue("direct.example.com", Pki.Rsa("leaf"), Pki.Root);
        using var bundle = Parse(leaf.Pem, leaf.Pkcs8, Pki.Root.Pem, strict: true);

        HasChain(bundle, leaf);
        Assert.Empty(bundle.Warnings);
    }

    [Fact]
    public void A_public_chain_without_its_root_has_no_gap()
    {
        using var bundle = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, strict: true);

        Assert.Empty(bundle.Warnings);
    }

    public static TheoryData<string, string, string> Gaps => new()
    {
        { Pki.Leaf.Pem, "", "CN=leaf.example.com, whose issuer CN=Intermediate" },
        { DeepLeaf.Pem + Pki.Intermediate.Pem + Pki.Root.Pem, "", "CN=deep.example.com, whose issuer CN=Lower" },
        { DeepLeaf.Pem + Lower.Pem, Pki.Root.Pem, "CN=Lower, whose issuer CN=Intermediate" },
    };

    [Theory]
    [MemberData(nameof(Gaps))]
    public void A_gap_is_reported_and_refused_under_strict(string tlsCrt, string caCrt, string where)
    {
        using var bundle = Parse(tlsCrt, Pki.Leaf.Pkcs8, caCrt);
        var refusal = Refused(tlsCrt, Pki.Leaf.Pkcs8, caCrt, strict: true);

        Assert.Contains(bundle.Warnings, warning => warning.Contains(where, StringComparison.Ordinal));
        Assert.Contains(where, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicates_are_dropped_silently_and_unrelated_certificates_with_a_warning()
    {
        using var bundle = Parse(Pki.EcLeaf.Pem + Pki.Leaf.Pem + Pki.Intermediate.Pem + Pki.Leaf.Pem + Pki.Intermediate.Pem + Pki.Root.Pem, Pki.Leaf.Pkcs8, Pki.Intermediate.Pem);

        HasChain(bundle, Pki.Leaf, Pki.Intermediate);
        Assert.Contains("1 certificate(s) outside the chain", Assert.Single(bundle.Warnings), StringComparison.Ordinal);
        Assert.Contains("CN=ec.example.com", bundle.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_of_several_certificates_for_one_key_is_the_leaf()
    {
        var older = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), Pki.Intermediate, end: Pki.End.AddDays(-90));
        var placeholder = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), null, end: Pki.End.AddYears(10));
        foreach (var tlsCrt in new[] { older.Pem + placeholder.Pem + Pki.Leaf.Pem, Pki.Leaf.Pem + older.Pem + placeholder.Pem })
        {
            using var bundle = Parse(tlsCrt + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, Pki.Root.Pem);

            Assert.Equal(Pki.Leaf.Thumbprint, bundle.Facts.Thumbprint);
            Assert.Contains(bundle.Warnings, warning => warning.Contains("3 certificates for the key", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_authority_with_the_issuers_name_but_another_key_is_not_in_the_chain()
    {
        foreach (var withKeyIds in new[] { true, false })
        {
            var right = Pki.Authority("Twin", Pki.Rsa("intermediate"), Pki.Root, withKeyIds: withKeyIds);
            var wrong = Pki.Authority("Twin", Pki.Rsa("lower"), Pki.Root, end: Pki.End.AddYears(5), withKeyIds: withKeyIds);
            var leaf = Pki.Issue("t.example.com", Pki.Rsa("leaf"), right, withKeyIds: withKeyIds);
            using var bundle = Parse(wrong.Pem + leaf.Pem + right.Pem, leaf.Pkcs8, Pki.Root.Pem);

            Assert.Equal([leaf.Thumbprint, right.Thumbprint], bundle.Chain.Select(certificate => Convert.ToHexStringLower(certificate.GetCertHash())));
        }
    }

    [Fact]
    public void A_certificate_that_is_no_authority_issues_nothing()
    {
        var leaf = Pki.Issue("below.example.com", Pki.Ec("below"), Pki.EcLeaf);
        using var bundle = Parse(leaf.Pem + Pki.EcLeaf.Pem + Pki.EcIntermediate.Pem, leaf.Pkcs8);

        HasChain(bundle, leaf);
    }

    [Fact]
    public void Of_cross_signed_issuers_the_one_that_leads_to_a_root_at_hand_is_taken()
    {
        var otherRoot = Pki.Authority("Other Root", Pki.Rsa("lower"), null);
        var crossed = Pki.Authority("Intermediate", Pki.Rsa("intermediate"), otherRoot, end: Pki.End.AddYears(5));
        using var first = Parse(Pki.Leaf.Pem + crossed.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, Pki.Root.Pem);
        using var second = Parse(Pki.Intermediate.Pem + crossed.Pem + Pki.Leaf.Pem, Pki.Leaf.Pkcs8, otherRoot.Pem);
        using var neither = Parse(Pki.Leaf.Pem + Pki.Intermediate.Pem + crossed.Pem, Pki.Leaf.Pkcs8);

        Assert.Equal(Pki.Intermediate.Certificate.RawData, first.Chain[1].RawData);
        Assert.Equal(crossed.Certificate.RawData, second.Chain[1].RawData);
        Assert.Equal(crossed.Certificate.RawData, neither.Chain[1].RawData);
        Assert.All([first, second, neither], bundle => Assert.Empty(bundle.Warnings));
    }

    [Fact]
    public void Authorities_that_sign_each_other_do_not_loop()
    {
        var one = Pki.Rsa("intermediate");
        var two = Pki.Rsa("lower");
        var oneByTwo = Pki.Authority("One", one, new Issued(Pki.Authority("Two", two, null).Certificate, two));
        var twoByOne = Pki.Authority("Two", two, oneByTwo);
        var leaf = Pki.Issue("circle.example.com", Pki.Rsa("leaf"), oneByTwo);
        using var bundle = Parse(twoByOne.Pem + leaf.Pem + oneByTwo.Pem, leaf.Pkcs8);

        HasChain(bundle, leaf, oneByTwo, twoByOne);
    }

    [Fact]
    public void A_chain_deeper_than_any_real_one_ends_with_a_warning()
    {
        var chain = new List<Issued> { Pki.EcRoot };
        for (var depth = 0; depth < 40; depth++)
        {
            chain.Insert(0, Pki.Authority($"Deep {depth}", Pki.Ec($"deep-{depth % 2}"), chain[0]));
        }

        var leaf = Pki.Issue("deep.example.com", Pki.Ec("leaf"), chain[0]);
        using var bundle = Parse(leaf.Pem + string.Concat(chain.Select(static one => one.Pem)), leaf.Pkcs8);

        Assert.Equal(33, bundle.Chain.Count);
        Assert.Contains(bundle.Warnings, static warning => warning.StartsWith("The chain ends at CN=Deep", StringComparison.Ordinal));
    }

    [Fact]
    public void A_leaf_with_the_name_of_its_root_is_not_mistaken_for_a_root()
    {
        var leaf = Pki.Issue("Root", Pki.Rsa("leaf"), Pki.Root, withKeyIds: false);
        using var bundle = Parse(leaf.Pem, leaf.Pkcs8, Pki.Root.Pem, includeRoot: true);

        Assert.Equal(2, bundle.Chain.Count);
        Assert.Equal(leaf.Thumbprint, bundle.Facts.Thumbprint);
    }

    [Fact]
    public void Many_authorities_of_one_name_take_bounded_time()
    {
        var crowd = Enumerable.Range(0, 150).Select(_ => Pki.Authority("Intermediate", Pki.Ec("crowd"), Pki.EcRoot, withKeyIds: false).Pem);
        using var bundle = Parse(string.Concat(crowd) + Pki.Leaf.Pem + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8);

        Assert.Contains(bundle.Warnings, warning => warning.Contains("outside the chain", StringComparison.Ordinal));
        Assert.Equal(Pki.Leaf.Thumbprint, bundle.Facts.Thumbprint);
    }
}
