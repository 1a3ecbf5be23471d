namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class VaultNamesTests
{
    /// <summary>Pairs that are close to one another: the same texts cut at other places, with other characters that map to the same, and beyond the longest name.</summary>
    private static readonly Gen<(string Namespace, string Name)> Pairs =
        from parts in Make.Any("a", "b", "-a", "--a", "-b", "a-b").Array[1, 5]
        from cut in Gen.Int[0, 5]
        from change in Gen.Int[0, 5]
        let text = string.Concat(parts).Trim('-')
        let at = Math.Min(cut, text.Length - 1)
        let ns = text[..at].Trim('-')
        let name = text[at..]
        select (ns.Length == 0 ? "a" : ns, change switch
        {
            0 => name.Replace('-', '.'),
            1 => name.ToUpperInvariant(),
            2 => name.Replace("a", "*", StringComparison.Ordinal),
            3 => name + new string('x', 130),
            _ => name,
        });

    [Theory]
    [InlineData("web", "web")]
    [InlineData("www.example.com", "www-example-com")]
    [InlineData("*.example.com", "wildcard-example-com")]
    [InlineData("Straße", "Stra-e")]
    [InlineData("contacts", "contacts-aa5af408")]
    [InlineData("Issuers", "Issuers-d7ad8029")]
    public void A_name_is_mapped_as_documented(string name, string expected) => Assert.Equal(expected, VaultNames.Map(name));

    [Fact]
    public void A_long_name_keeps_its_beginning_and_ends_with_its_digest()
    {
        var mapped = VaultNames.Map(new string('a', 200));
        Assert.Equal(new string('a', 118) + "-c2a908d9", mapped);
        Assert.NotEqual(mapped, VaultNames.Map(new string('a', 201)));
    }

    [Fact]
    public void Every_mapped_name_is_one_Key_Vault_holds_and_maps_to_itself() =>
        Gen.String[1, 300].Sample(name =>
        {
            var mapped = VaultNames.Map(name);
            Assert.Matches("^[0-9a-zA-Z-]{1,127}$", mapped);
            Assert.Equal(mapped, VaultNames.Map(mapped));
        });

    [Theory]
    [InlineData("{name}", true)]
    [InlineData("{cluster}-{namespace}-{name}", true)]
    [InlineData("{namespace}", false)]
    [InlineData("{name}-{region}", false)]
    [InlineData("", false)]
    public void A_template_must_tell_certificates_apart(string template, bool valid) =>
        Assert.Equal(valid, VaultNames.IsTemplate(template));

    [Theory]
    [InlineData("{name}", "shop", "web", "web")]
    [InlineData("{namespace}-{name}", "shop", "web-1", "shop-web-1")]
    [InlineData("{namespace}-{name}", "team-a", "web", "team--a-web")]
    [InlineData("{cluster}-{namespace}-{name}", "shop", "web", "blue-shop-web")]
    public void A_name_by_namespace_doubles_the_hyphens_of_the_namespace(string template, string ns, string name, string expected) =>
        Assert.Equal(expected, new VaultNames(template, "blue").NameOf(ns, name));

    [Theory]
    [InlineData("{namespace}-{name}", "www.example.com")]
    [InlineData("{namespace}-{name}", "Web")]
    [InlineData("{namespace}-{name}", "-web")]
    [InlineData("{namespace}-{name}", "{cluster}")]
    [InlineData("{namespace}-{name}", "web-0123456789abcdef0123")]
    [InlineData("{namespace}{name}", "web")]
    [InlineData("{namespace}--{name}", "web")]
    public void An_ambiguous_name_by_namespace_ends_with_a_digest(string template, string name) =>
        Assert.Matches("-[0-9a-f]{20}$", new VaultNames(template, "blue").NameOf("shop", name));

    [Fact]
    public void A_clusters_name_is_no_replacement_pattern()
    {
        var names = new VaultNames("{namespace}{cluster}{name}", "$&");
        Assert.NotEqual(names.NameOf("a-x", "b"), names.NameOf("a", "x--b"));
    }

    [Fact]
    public void Different_pairs_of_namespace_and_name_never_share_a_name_in_the_vault() =>
        Gen.Select(Pairs, Pairs, Make.Any("{namespace}-{name}", "{name}-{namespace}", "{namespace}{name}", "x-{namespace}--{name}", "{cluster}-{namespace}-a-{name}", "{namespace}-{name}-{namespace}"))
            .Sample((one, other, template) =>
            {
                var names = new VaultNames(template, "blue");
                var (first, second) = (names.NameOf(one.Namespace, one.Name), names.NameOf(other.Namespace, other.Name));
                Assert.Matches("^[0-9a-zA-Z-]{1,127}$", first);
                Assert.Equal(one == other, string.Equals(first, second, StringComparison.OrdinalIgnoreCase));

                // Nor by taking the other's name in the vault as one's own name.
                Assert.False(string.Equals(first, names.NameOf(other.Namespace, first), StringComparison.OrdinalIgnoreCase));
            }, iter: 20_000);
}
