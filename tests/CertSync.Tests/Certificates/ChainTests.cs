namespace ClusterTrust.CertSync.Tests.Certificates;

/// <summary>Chains and gaps; <see cref="BundleProperties"/> has every order and every distribution of the certificates.</summary>
public sealed class ChainTests
{
    private static readonly Issued Lower = Pki.Authority("Lower", Pki.Rsa("lower"), Pki.Intermediate);
    private static readonly Issued DeepLeaf = Pki.Issue("deep.example.com", Pki.Rsa("leaf"), Lower);
    private static readonly Issued UnderRoot = Pki.Issue("direct.example.com", Pki.Rsa("leaf"), Pki.Root);
    private static readonly Issued SelfSigned = Pki.Issue("self.example.com", Pki.Rsa("leaf"), null);
    private static readonly Issued NamedAsItsRoot = Pki.Issue("Root", Pki.Rsa("leaf"), Pki.Root, withKeyIds: false);
    private static readonly Issued One = Pki.Authority("One", Pki.Rsa("intermediate"), Pki.Authority("Two", Pki.Rsa("lower"), null));
    private static readonly Issued Two = Pki.Authority("Two", Pki.Rsa("lower"), One);
    private static readonly Issued InCircle = Pki.Issue("circle.example.com", Pki.Rsa("leaf"), One);

    private static readonly Dictionary<string, (Issued[] TlsCrt, Issued[] CaCrt, bool IncludeRoot, Issued[] Chain)> Complete = new()
    {
        ["without a root"] = ([Pki.Leaf, Pki.Intermediate], [], false, [Pki.Leaf, Pki.Intermediate]),
        ["intermediates in ca.crt"] = ([DeepLeaf], [Pki.Root, Pki.Intermediate, Lower, Pki.EcRoot], false, [DeepLeaf, Lower, Pki.Intermediate]),
        ["a leaf right under its root"] = ([UnderRoot], [Pki.Root], false, [UnderRoot]),
        ["a leaf that signed itself"] = ([SelfSigned], [SelfSigned], false, [SelfSigned]),
        ["the root in tls.crt is kept"] = ([Pki.Leaf, Pki.Intermediate, Pki.Root], [], true, [Pki.Leaf, Pki.Intermediate, Pki.Root]),
        ["the root in ca.crt is kept"] = ([Pki.Leaf, Pki.Intermediate], [Pki.Root], true, [Pki.Leaf, Pki.Intermediate, Pki.Root]),
        ["no root to keep"] = ([Pki.Leaf, Pki.Intermediate], [], true, [Pki.Leaf, Pki.Intermediate]),
        ["a leaf with the name of its root"] = ([NamedAsItsRoot], [Pki.Root], true, [NamedAsItsRoot, Pki.Root]),
        ["authorities that sign each other"] = ([InCircle, Two, One], [], false, [InCircle, One, Two]),
    };

    private static readonly (Issued Leaf, Issued Right, Issued Wrong) Twins = MakeTwins(withKeyIds: true);
    private static readonly (Issued Leaf, Issued Right, Issued Wrong) TwinsWithoutIds = MakeTwins(withKeyIds: false);
    private static readonly Issued BelowLeaf = Pki.Issue("below.example.com", Pki.Ec("below"), Pki.EcLeaf);

    private static readonly Dictionary<string, (Issued[] TlsCrt, Issued[] CaCrt, Issued[] Chain, string Warning)> Odd = new()
    {
        ["duplicates and an unrelated certificate"] = (
            [Pki.EcLeaf, Pki.Leaf, Pki.Intermediate, Pki.Leaf, Pki.Intermediate, Pki.Root], [Pki.Intermediate], [Pki.Leaf, Pki.Intermediate],
            "1 certificate(s) outside the chain, which are ignored (the first is CN=ec.example.com)"),
        ["only an authority with another key"] = ([Twins.Leaf], [Twins.Wrong, Pki.Root], [Twins.Leaf], "whose issuer CN=Twin is in tls.crt or ca.crt only with another key; clients without it"),
        ["only an authority with another key, without key identifiers"] = (
            [TwinsWithoutIds.Leaf], [TwinsWithoutIds.Wrong, Pki.Root], [TwinsWithoutIds.Leaf], "whose issuer CN=Twin is in tls.crt or ca.crt only with another key; clients without it"),
        ["also an authority with another key"] = ([Twins.Wrong, Twins.Leaf, Twins.Right], [Pki.Root], [Twins.Leaf, Twins.Right], "1 certificate(s) outside the chain"),
        ["also an authority with another key, without key identifiers"] = (
            [TwinsWithoutIds.Wrong, TwinsWithoutIds.Leaf, TwinsWithoutIds.Right], [Pki.Root], [TwinsWithoutIds.Leaf, TwinsWithoutIds.Right], "1 certificate(s) outside the chain"),
        // Few authorities of one name are tried, so that many of them take bounded time: that with the leaf's key identifier first.
        ["many authorities of one name"] = (
            [.. Enumerable.Range(0, 150).Select(static _ => Pki.Authority("Intermediate", Pki.Ec("crowd"), Pki.EcRoot, end: Pki.End.AddYears(5))), Pki.Leaf, Pki.Intermediate],
            [], [Pki.Leaf, Pki.Intermediate], "150 certificate(s) outside the chain"),
        ["an issuer that is no authority"] = ([BelowLeaf, Pki.EcLeaf, Pki.EcIntermediate], [], [BelowLeaf], "The chain ends at CN=below.example.com"),
    };

    [Fact]
    public void What_is_not_of_the_chain_is_not_in_it_and_reported() => Assert.All(Odd, static row =>
    {
        var (tlsCrt, caCrt, chain, warning) = row.Value;
        using var bundle = Parse(Pem(tlsCrt), chain[0].Pkcs8, Pem(caCrt));
        HasChain(bundle, chain);
        HasWarning(bundle, warning);
    });

    [Fact]
    public void A_complete_chain_has_no_warning_and_is_accepted_under_strict() => Assert.All(Complete, static row =>
    {
        var (tlsCrt, caCrt, includeRoot, chain) = row.Value;
        using var bundle = Parse(Pem(tlsCrt), tlsCrt[0].Pkcs8, Pem(caCrt), includeRoot, strict: true);
        HasChain(bundle, chain);
        Assert.Empty(bundle.Warnings);
    });

    [Fact]
    public void A_gap_is_reported_and_refused_under_strict()
    {
        foreach (var (tlsCrt, caCrt, where) in new[]
        {
            (Pki.Leaf.Pem, "", "CN=leaf.example.com, whose issuer CN=Intermediate is in neither tls.crt nor ca.crt"),
            (Pem(DeepLeaf, Pki.Intermediate, Pki.Root), "", "CN=deep.example.com, whose issuer CN=Lower"),
            (Pem(DeepLeaf, Lower), Pki.Root.Pem, "CN=Lower, whose issuer CN=Intermediate"),
        })
        {
            using var bundle = Parse(tlsCrt, Pki.Leaf.Pkcs8, caCrt);
            HasWarning(bundle, where);
            Assert.Contains(where, Refused(tlsCrt, Pki.Leaf.Pkcs8, caCrt, strict: true).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_newest_of_several_certificates_for_one_key_is_the_leaf()
    {
        var older = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), Pki.Intermediate, end: Pki.End.AddDays(-90));
        var longer = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), Pki.Intermediate, start: Pki.Start.AddDays(-60), end: Pki.End.AddYears(1));
        var placeholder = Pki.Issue("leaf.example.com", Pki.Rsa("leaf"), null, start: Pki.Start.AddDays(1), end: Pki.End.AddYears(10));
        foreach (var tlsCrt in new[] { Pem(older, longer, placeholder, Pki.Leaf), Pem(Pki.Leaf, older, placeholder, longer) })
        {
            using var bundle = Parse(tlsCrt + Pki.Intermediate.Pem, Pki.Leaf.Pkcs8, Pki.Root.Pem);
            HasChain(bundle, Pki.Leaf, Pki.Intermediate);
            HasWarning(bundle, "4 certificates for the key");
        }
    }

    [Fact]
    public void Of_cross_signed_issuers_the_one_that_leads_to_a_root_at_hand_is_taken()
    {
        var otherRoot = Pki.Authority("Other Root", Pki.Rsa("lower"), null);
        var crossed = Pki.Authority("Intermediate", Pki.Rsa("intermediate"), otherRoot, end: Pki.End.AddYears(5));
        foreach (var (caCrt, issuer) in new[] { (Pki.Root.Pem, Pki.Intermediate), (otherRoot.Pem, crossed), ("", crossed) })
        {
            using var bundle = Parse(Pem(Pki.Intermediate, crossed, Pki.Leaf), Pki.Leaf.Pkcs8, caCrt);
            HasChain(bundle, Pki.Leaf, issuer);
            Assert.Empty(bundle.Warnings);
        }
    }

    [Fact]
    public void A_chain_deeper_than_any_real_one_is_refused()
    {
        var chain = new List<Issued> { Pki.EcRoot };
        for (var depth = 0; depth < 40; depth++)
        {
            chain.Insert(0, Pki.Authority($"Deep {depth}", Pki.Ec($"deep-{depth % 2}"), chain[0]));
        }

        var leaf = Pki.Issue("deep.example.com", Pki.Ec("leaf"), chain[0]);
        IsRefused("is longer than 32 certificates", Pem([leaf, .. chain]), leaf.Pkcs8);
    }

    private static (Issued Leaf, Issued Right, Issued Wrong) MakeTwins(bool withKeyIds)
    {
        var right = Pki.Authority("Twin", Pki.Rsa("intermediate"), Pki.Root, withKeyIds: withKeyIds);
        var wrong = Pki.Authority("Twin", Pki.Rsa("lower"), Pki.Root, end: Pki.End.AddYears(5), withKeyIds: withKeyIds);
        return (Pki.Issue("t.example.com", Pki.Rsa("leaf"), right, withKeyIds: withKeyIds), right, wrong);
    }
}
