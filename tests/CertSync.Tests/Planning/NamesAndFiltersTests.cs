using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;
using CsCheck;

namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class NamesAndFiltersTests
{
    [Theory]
    [InlineData("web", "web")]
    [InlineData("www.example.com", "www-example-com")]
    [InlineData("*.example.com", "wildcard-example-com")]
    [InlineData("under_score", "under-score")]
    [InlineData("Straße", "Stra-e")]
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

    [Fact]
    public void The_name_before_mapping_is_kept_in_a_tag()
    {
        Assert.Equal("a.b", Ownership.Tags("blue", "a-b", "a.b", [Make.Secret()], Make.Facts())["source-name"]);
        Assert.False(Ownership.Tags("blue", "a-b", "a-b", [Make.Secret()], Make.Facts()).ContainsKey("source-name"));
    }

    [Theory]
    [InlineData("{name}", true)]
    [InlineData("{cluster}-{namespace}-{name}", true)]
    [InlineData("{namespace}", false)]
    [InlineData("{name}-{region}", false)]
    [InlineData("", false)]
    public void A_template_must_tell_certificates_apart(string template, bool valid) =>
        Assert.Equal(valid, VaultNames.Fault(template) is null);

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("team-*", "team-1", true)]
    [InlineData("team-*", "steam-1", false)]
    [InlineData("*-prod", "a-prod-prod", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("web", "Web", false)]
    [InlineData("web-[abc]", "web-b", true)]
    [InlineData("web-[abc]", "web-d", false)]
    [InlineData("web-[!abc]", "web-d", true)]
    [InlineData("web-[!abc]", "web-a", false)]
    [InlineData("[a-c]*-[0-9]", "beta-7", true)]
    [InlineData("[a-c]*-[0-9]", "delta-7", false)]
    [InlineData("[a-]", "-", true)]
    [InlineData("[]]", "]", true)]
    [InlineData("[!]]", "]", false)]
    [InlineData("a[b", "a[b", true)]
    [InlineData("a[!", "a[!", true)]
    public void A_glob_matches_the_whole_text(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new Glob(pattern).IsMatch(text));

    [Theory]
    [InlineData("regex:^web", "web-1", true)]
    [InlineData("regex:b-[0-9]", "web-1", true)]
    [InlineData("regex:^(?P<stage>dev|prod)-", "prod-web", true)]
    [InlineData("w*-[12]", "web-1", true)]
    public void A_name_pattern_matches_as_in_cert_manager_key_vault_sync(string pattern, string name, bool matches) =>
        Assert.Equal(matches, NamePattern.Parse(pattern, out _)!.IsMatch(name));

    /// <summary>Tenants choose the names: an expression that backtracks could take minutes for a single one.</summary>
    [Theory]
    [InlineData("regex:(", "Not enough )'s")]
    [InlineData("regex:^(?=(a+)+$)b", "without lookaround and backreferences")]
    [InlineData("regex:^(?!internal-)", "without lookaround and backreferences")]
    [InlineData("regex:(a)\\1", "without lookaround and backreferences")]
    public void An_invalid_expression_or_one_that_backtracks_is_rejected(string pattern, string reason)
    {
        Assert.Null(NamePattern.Parse(pattern, out var fault));
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_selected_Secrets_are_synced_each_other_has_its_reason()
    {
        var filter = new SecretFilter
        {
            IncludeNamespaces = [new Glob("team-*")],
            ExcludeNamespaces = [new Glob("*-test")],
            CertificateNames = [NamePattern.Parse("web*", out _)!],
        };
        var good = Make.Secret("team-1/tls", "web-1");

        Assert.Null(filter.Exclude(good));
        Assert.Null(filter.Exclude(Make.Secret("team-1/tls", "web", enabled: "true")));
        Assert.Equal(Reason.SwitchedOff, filter.Exclude(Make.Secret("team-1/tls", "web", enabled: "False"))?.Reason);
        Assert.Equal(Reason.NamespaceNotSelected, filter.Exclude(Make.Secret("kube-system/tls", "web"))?.Reason);
        Assert.Equal(Reason.NamespaceNotSelected, filter.Exclude(Make.Secret("team-1-test/tls", "web"))?.Reason);
        Assert.Equal(Reason.NameNotSelected, filter.Exclude(Make.Secret("team-1/tls", "api"))?.Reason);
        Assert.Equal(Reason.NoCertificateAnnotation, filter.Exclude(good with { Annotations = ImmutableDictionary<string, string>.Empty })?.Reason);
        var next = good with { Labels = ImmutableDictionary<string, string>.Empty.Add("cert-manager.io/next-private-key", "true") };
        Assert.Equal(Reason.NextPrivateKey, filter.Exclude(next)?.Reason);
    }

    [Fact]
    public void Tags_stay_within_Key_Vaults_limits_and_still_reveal_a_change()
    {
        var many = Enumerable.Range(0, 40).Select(i => Make.Secret($"namespace-{i}/web-tls", uid: Guid.NewGuid().ToString())).ToArray();
        var target = Make.Target(many);
        var current = Make.Ours(target, Make.Facts());

        Assert.All(current.Tags, tag => Assert.True(tag.Value.Length <= 256, tag.Key));
        Assert.True(current.Tags.Count <= 15);
        Assert.True(Ownership.IsMadeFrom(current, target.Sources));
        Assert.False(Ownership.IsMadeFrom(current, target.Sources.SetItem(39, many[39] with { ResourceVersion = "11" })));
        Assert.Empty(Ownership.SourcesOf(current));
        Assert.Equal("namespace-0", Ownership.NamespaceOf(current));
    }

    [Theory]
    [InlineData("shop/web-tls", "shop")]
    [InlineData("shop/web-tls,evil/web-tls", "shop")]
    [InlineData("shop/sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "shop")]
    [InlineData("shop/sha256:0123", null)]
    [InlineData("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", null)]
    [InlineData("", null)]
    [InlineData("shop", null)]
    [InlineData("shop/", null)]
    [InlineData("/web-tls", null)]
    [InlineData("shop/web-tls/x", null)]
    [InlineData("shop/web-tls,", null)]
    [InlineData("shop/../evil", null)]
    [InlineData("shop/web tls", null)]
    [InlineData("Shop/web-tls", null)]
    [InlineData("shop/web-tls\n", null)]
    public void A_name_belongs_to_the_namespace_of_the_first_source_and_has_no_owner_if_the_tag_is_malformed(string tag, string? owner)
    {
        var ours = Make.Ours(Make.Target(), Make.Facts());
        Assert.Equal(owner, Ownership.NamespaceOf(ours with { Tags = ours.Tags.SetItem("source", tag) }));
    }

    [Theory]
    [InlineData("{namespace}-{name}", "shop", "web-1", "shop-web-1")]
    [InlineData("{namespace}-{name}", "team-a", "web", "team--a-web")]
    [InlineData("{name}-{namespace}", "team-a", "web", "web-team--a")]
    [InlineData("{cluster}-{namespace}-{name}", "shop", "web", "blue-shop-web")]
    public void A_name_by_namespace_doubles_the_hyphens_of_the_namespace(string template, string home, string name, string expected) =>
        Assert.Equal(expected, new VaultNames(template, "blue").NameOf(home, name));

    [Theory]
    [InlineData("{namespace}-{name}", "shop", "www.example.com")]
    [InlineData("{namespace}-{name}", "shop", "Web")]
    [InlineData("{namespace}-{name}", "shop", "-web")]
    [InlineData("{namespace}-{name}", "shop", "{cluster}")]
    [InlineData("{namespace}-{name}", "shop", "web-0123456789abcdef0123")]
    [InlineData("{namespace}{name}", "shop", "web")]
    [InlineData("{namespace}--{name}", "shop", "web")]
    public void An_ambiguous_name_by_namespace_ends_with_a_digest(string template, string home, string name) =>
        Assert.Matches("-[0-9a-f]{20}$", new VaultNames(template, "blue").NameOf(home, name));

    /// <summary>Pairs that are close to one another: the same texts cut at other places, with other characters that map to the same, and beyond the longest name.</summary>
    private static readonly Gen<(string Home, string Name)> Pairs =
        from parts in Make.Any("a", "b", "-a", "--a", "-b", "a-b").Array[1, 5]
        from cut in Gen.Int[0, 5]
        from change in Gen.Int[0, 5]
        let text = string.Concat(parts).Trim('-')
        let at = Math.Min(cut, text.Length - 1)
        let home = text[..at].Trim('-')
        let name = text[at..]
        select (home.Length == 0 ? "a" : home, change switch
        {
            0 => name.Replace('-', '.'),
            1 => name.ToUpperInvariant(),
            2 => name.Replace("a", "*", StringComparison.Ordinal),
            3 => name + new string('x', 130),
            _ => name,
        });

    [Fact]
    public void Different_pairs_of_namespace_and_name_never_share_a_name_in_the_vault() =>
        Gen.Select(Pairs, Pairs, Make.Any("{namespace}-{name}", "{name}-{namespace}", "{namespace}{name}", "x-{namespace}--{name}", "{cluster}-{namespace}-a-{name}", "{namespace}-{name}-{namespace}"))
            .Sample((one, other, template) =>
            {
                var names = new VaultNames(template, "blue");
                var (first, second) = (names.NameOf(one.Home, one.Name), names.NameOf(other.Home, other.Name));
                Assert.Matches("^[0-9a-zA-Z-]{1,127}$", first);
                Assert.Equal(one == other, string.Equals(first, second, StringComparison.OrdinalIgnoreCase));

                // Nor by taking the other's name in the vault as one's own name.
                Assert.False(string.Equals(first, names.NameOf(other.Home, first), StringComparison.OrdinalIgnoreCase));
            }, iter: 20_000);

    [Theory]
    [InlineData("0/1", 0, 1)]
    [InlineData("3/4", 3, 4)]
    public void A_shard_is_written_index_slash_count(string text, int index, int count) =>
        Assert.Equal(new Shard(index, count), Shard.Parse(text));

    [Theory]
    [InlineData("4/4")]
    [InlineData("0/0")]
    [InlineData("-1/2")]
    [InlineData("1")]
    [InlineData("a/b")]
    public void Other_text_is_no_shard(string text) => Assert.Null(Shard.Parse(text));

    [Fact]
    public void Every_name_is_in_exactly_one_shard_whatever_its_case() =>
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 40], Gen.Int[1, 9]).Sample((name, count) =>
        {
            var shard = Assert.Single(Enumerable.Range(0, count), index => new Shard(index, count).Has(name));
            Assert.True(new Shard(shard, count).Has(name.ToUpperInvariant()));
        });
}
