namespace ClusterTrust.CertSync.Tests.Planning;

/// <summary>What selects Secrets, by namespace, by name, and by shard.</summary>
public sealed class FilterTests
{
    /// <summary>The last ones mean something else in a regular expression.</summary>
    [Theory]
    [InlineData("*", "")]
    [InlineData("team-*", "team-1", "steam-1")]
    [InlineData("a?c", "abc", "ac")]
    [InlineData("a*b*c", "a-b-b-c", "a-c-b")]
    [InlineData("web", "web", "Web")]
    [InlineData("web-[abc]", "web-b", "web-d")]
    [InlineData("web-[!abc]", "web-d", "web-a")]
    [InlineData("[a-c]*-[0-9]", "beta-7", "delta-7")]
    [InlineData("[]]", "]", "[")]
    [InlineData("[!]]", "[", "]")]
    [InlineData("a[b", "a[b")]
    [InlineData("[a-]b-c]*", "-b-c]")]
    [InlineData("[^a]*", "^")]
    [InlineData(@"[\]*", @"\")]
    [InlineData("a.c*", "a.c", "abc")]
    [InlineData("(a)+{2}?", "(a)+{2}x")]
    [InlineData("a*b", "a\nb")]
    [InlineData("*\n", "a\n")]
    [InlineData("*b", "b", "b\n")]
    public void A_glob_matches_the_whole_text(string pattern, string matching, string? other = null)
    {
        Assert.True(new Glob(pattern).IsMatch(matching));
        Assert.False(other is not null && new Glob(pattern).IsMatch(other));
    }

    [Theory]
    [InlineData("[z-a]"), InlineData("[!z-a]"), InlineData("team-[a-cz-x]*")]
    public void A_range_that_ends_before_it_begins_is_refused(string pattern)
    {
        Assert.Null(Glob.Parse(pattern));
        Assert.Equal("must be a pattern whose ranges are in order, such as [a-z], and that is not too long", NamePattern.Parse(pattern).Fault);
        Assert.All([$"{pattern}=web", $"a={pattern}"], static grant => Assert.Null(NameGrant.Parse(grant)));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(20000, false)]
    public void A_grant_that_no_name_is_long_enough_for_is_refused(int characters, bool isAccepted)
    {
        Assert.Equal(isAccepted, NameGrant.Parse($"*{new string('a', characters)}*=web") is not null);
        Assert.Equal(isAccepted, NameGrant.Parse($"{new string('a', characters - 2)}?[a-z]=web") is not null);
        Assert.Equal(isAccepted, NameGrant.Parse($"a={new string('a', 2 * characters)}") is not null);
    }

    [Theory]
    [InlineData("regex:^web"), InlineData("regex:^(?P<stage>dev|web)-"), InlineData("w*-[12]")]
    public void A_name_pattern_matches_as_in_cert_manager_key_vault_sync(string pattern)
    {
        Assert.True(NamePattern.Parse(pattern).Value.IsMatch("web-1"));
        Assert.False(NamePattern.Parse(pattern).Value.IsMatch("internal"));
    }

    /// <summary>Tenants choose the names: an expression that backtracks could take minutes for a single one.</summary>
    [Theory]
    [InlineData("regex:(", "Not enough )'s")]
    [InlineData("regex:^(?=(a+)+$)b", "without lookaround and backreferences")]
    [InlineData("regex:(a)\\1", "without lookaround and backreferences")]
    public void An_invalid_expression_or_one_that_backtracks_is_rejected(string pattern, string reason) =>
        Assert.Contains(reason, NamePattern.Parse(pattern).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("team-1/tls", "web-1", null, null)]
    [InlineData("team-1/tls", "web", "true", null)]
    [InlineData("team-1/tls", "web", "False", Reason.SwitchedOff)]
    [InlineData("team-1/tls", "web", "flase", Reason.AnnotationInvalid)]
    [InlineData("kube-system/tls", "web", null, Reason.NamespaceNotSelected)]
    [InlineData("team-1-test/tls", "web", null, Reason.NamespaceNotSelected)]
    [InlineData("team-1/tls", "api", null, Reason.NameNotSelected)]
    [InlineData("team-1/tls", "", null, Reason.NoCertificateAnnotation)]
    [InlineData("team-1/next", "web", null, Reason.NextPrivateKey)]
    public void Only_selected_Secrets_are_synced_each_other_has_its_reason(string source, string certificate, string? enabled, Reason? reason)
    {
        var filter = new SecretFilter
        {
            IncludeNamespaces = [new Glob("team-*")],
            ExcludeNamespaces = [new Glob("*-test")],
            CertificateNames = [NamePattern.Parse("web*").Value],
        };
        var labels = ImmutableDictionary<string, string>.Empty.Add("cert-manager.io/next-private-key", source == "team-1/next" ? "true" : "false");
        Assert.Equal(reason, filter.Exclude(Make.Secret(source, certificate, enabled: enabled) with { Labels = labels })?.Reason);
    }

    [Fact]
    public void A_shard_is_written_index_slash_count_and_other_text_is_none()
    {
        Assert.Equal([new Shard(0, 1), new Shard(3, 4)], new[] { "0/1", "3/4" }.Select(Shard.Parse));
        Assert.All(["4/4", "0/0", "-1/2", "1", "a/b"], static text => Assert.Null(Shard.Parse(text)));
    }

    [Fact]
    public void Every_name_is_in_exactly_one_shard_whatever_its_case() =>
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 40], Gen.Int[1, 9]).Sample((name, count) =>
        {
            var shard = Assert.Single(Enumerable.Range(0, count), index => new Shard(index, count).Has(name));
            Assert.True(new Shard(shard, count).Has(name.ToUpperInvariant()));
        });
}
