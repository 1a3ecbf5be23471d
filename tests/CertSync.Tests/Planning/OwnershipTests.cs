namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class OwnershipTests
{
    internal const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    internal static readonly string[] MalformedSources =
    [
        "", "shop", "shop/", "/web-tls", "shop/web-tls/x", "shop/../evil", "shop/../../nodes/x",
        "Shop/web-tls", "sh.op/web-tls", "shop/web tls", "shop/web..tls", "shop/web-.tls", "shop/web-tls\n",
        "shop/web-tls,", "shop/web-tls, shop/api-tls",
        Digest, "shop/sha256:00", "shop/sha256:0123",
    ];

    [Theory]
    [InlineData("shop/web-tls")]
    [InlineData("shop/web-tls,evil/web-tls")]
    [InlineData($"shop/{Digest}")]
    public void A_name_belongs_to_the_namespace_of_the_first_source(string tag) => Assert.Equal("shop", OwnerBy(tag));

    [Fact]
    public void A_name_with_a_malformed_source_has_no_owner() => Assert.All(MalformedSources, static tag => Assert.Null(OwnerBy(tag)));

    [Fact]
    public void The_name_before_mapping_is_kept_in_a_tag()
    {
        Assert.Equal("a.b", Ownership.Tags("blue", "a-b", "a.b", [Make.Secret()], Make.Facts())["source-name"]);
        Assert.False(Ownership.Tags("blue", "a-b", "a-b", [Make.Secret()], Make.Facts()).ContainsKey("source-name"));
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

    private static string? OwnerBy(string source)
    {
        var ours = Make.Ours(Make.Target(), Make.Facts());
        return Ownership.NamespaceOf(ours with { Tags = ours.Tags.SetItem("source", source) });
    }
}
