using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class TargetResolverTests
{
    [Theory]
    [InlineData("{name}", "web")]
    [InlineData("{namespace}-{name}", "shop-web")]
    [InlineData("{cluster}-{namespace}-{name}", "blue-shop-web")]
    public void The_template_makes_the_name(string template, string expected) =>
        Assert.Equal(expected, Make.Resolver(template).Resolve([Make.Secret()]).Wanted.Single().Name);

    [Fact]
    public void An_annotation_pointing_at_another_namespace_is_refused()
    {
        var thief = Make.Secret("evil/tls", "mine", name: "web");
        var targets = Make.Resolver().Resolve([Make.Secret(), thief]);

        Assert.Equal("shop/web-tls", targets.Wanted.Single().Sources.Single().Source);
        var refused = Make.Only(targets.Dropped);
        Assert.Equal((ActionKind.Refuse, Reason.NameNotAllowed), (refused.Kind, refused.Reason));
    }

    [Theory]
    [InlineData("WEB")]
    [InlineData("w.eb")]
    public void Another_spelling_does_not_get_around_the_policy(string spelling)
    {
        var owner = Make.Secret(certificate: VaultNames.Map(spelling));
        var targets = Make.Resolver().Resolve([owner, Make.Secret("evil/tls", "mine", name: spelling)]);
        Assert.Equal(Reason.NameNotAllowed, Make.Only(targets.Dropped).Reason);
        Assert.Same(owner, targets.Wanted.Single().Sources.Single());
    }

    [Fact]
    public void A_namespace_may_use_its_own_names_and_those_granted_to_it()
    {
        var own = Make.Secret("shop/a", "first");
        var alias = Make.Secret("shop/b", "second", name: "first");
        var granted = Make.Secret("team-1/c", "third", name: "Public-site");
        var targets = Make.Resolver(grants: ["team-*=public-"]).Resolve([own, alias, granted]);

        Assert.Empty(targets.Dropped);
        Assert.Equal([2, 1], targets.Wanted.Select(target => target.Sources.Length));
    }

    [Theory]
    [InlineData("a.b", "a-b")]
    [InlineData("a-b", "A-B")]
    public void Names_that_become_one_are_refused_with_both_named(string one, string other)
    {
        var targets = Make.Resolver(grants: ["*="]).Resolve([Make.Secret("n/x", "x", name: one), Make.Secret("m/y", "y", name: other)]);
        Assert.Empty(targets.Wanted);
        var refused = Make.Only(targets.Dropped);
        Assert.Equal((ActionKind.Refuse, Reason.NameCollision), (refused.Kind, refused.Reason));
        Assert.Contains("m/y and n/x", refused.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void One_certificate_goes_to_several_vaults_and_an_unknown_one_is_refused()
    {
        var secret = Make.Secret(vault: "main, west,nowhere, WEST");
        var targets = Make.Resolver(vaults: ["main", "west"]).Resolve([secret]);

        Assert.Equal(["main", "west"], targets.Wanted.Select(target => target.Vault));
        Assert.Equal(Reason.UnknownVault, Make.Only(targets.Dropped).Reason);
    }

    [Fact]
    public void Without_an_annotation_the_first_vault_is_meant() =>
        Assert.Equal("main", Make.Resolver(vaults: ["main", "west"]).Resolve([Make.Secret()]).Wanted.Single().Vault);

    [Fact]
    public void The_same_name_from_two_namespaces_is_one_target_with_both_sources()
    {
        var targets = Make.Resolver().Resolve([Make.Secret("b/web-tls"), Make.Secret("a/web-tls")]);
        Assert.Equal(["a/web-tls", "b/web-tls"], targets.Wanted.Single().Sources.Select(source => source.Source));
    }
}
