using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class TargetResolverTests
{
    [Theory]
    [InlineData("{name}", "web")]
    [InlineData("{namespace}-{name}", "shop-web")]
    [InlineData("{cluster}-{namespace}-{name}", "blue-shop-web")]
    public void The_template_makes_the_name(string template, string expected) =>
        Assert.Equal(expected, Make.Resolver(template).Resolve([Make.Secret()]).Targets.Single().Name);

    [Fact]
    public void An_annotation_pointing_at_another_namespace_is_refused()
    {
        var thief = Make.Secret("evil/tls", "mine", name: "web");
        var targets = Make.Resolver().Resolve([Make.Secret(), thief]);

        Assert.Equal("shop/web-tls", targets.Targets.Single().Sources.Single().Source);
        var refused = Make.Only(targets.Unresolved);
        Assert.Equal((ActionKind.Refuse, Reason.NameNotAllowed), (refused.Kind, refused.Reason));
    }

    [Theory]
    [InlineData("WEB")]
    [InlineData("w.eb")]
    public void Another_spelling_does_not_get_around_the_policy(string spelling)
    {
        var owner = Make.Secret(certificate: VaultNames.Map(spelling));
        var targets = Make.Resolver().Resolve([owner, Make.Secret("evil/tls", "mine", name: spelling)]);
        Assert.Equal(Reason.NameNotAllowed, Make.Only(targets.Unresolved).Reason);
        Assert.Same(owner, targets.Targets.Single().Sources.Single());
    }

    [Fact]
    public void A_namespace_may_use_its_own_names_and_those_granted_to_it()
    {
        var own = Make.Secret("shop/a", "first");
        var alias = Make.Secret("shop/b", "second", name: "first");
        var granted = Make.Secret("team-1/c", "third", name: "Public-site");
        var targets = Make.Resolver(grants: ["team-*=public-"]).Resolve([own, alias, granted]);

        Assert.Empty(targets.Unresolved);
        Assert.Equal([2, 1], targets.Targets.Select(target => target.Sources.Length));
    }

    [Theory]
    [InlineData("a.b", "a-b")]
    [InlineData("a-b", "A-B")]
    public void Names_that_map_to_the_same_one_are_one_target(string one, string other)
    {
        var (x, y) = (Make.Secret("n/x", "x", name: one), Make.Secret("m/y", "y", name: other));
        var target = Make.Resolver(grants: ["*="]).Resolve([x, y]).Targets.Single();
        Assert.Equal([one, other], [target.RawNameOf(x), target.RawNameOf(y)]);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData(" , ,, ")]
    public void A_vault_annotation_without_a_name_is_refused(string asked)
    {
        var targets = Make.Resolver(vaults: ["main", "west"]).Resolve([Make.Secret(vault: asked)]);
        Assert.Empty(targets.Targets);
        var refused = Make.Only(targets.Unresolved);
        Assert.Equal((ActionKind.Refuse, Reason.UnknownVault), (refused.Kind, refused.Reason));
    }

    [Fact]
    public void Many_unknown_vaults_are_one_refusal_of_bounded_length()
    {
        var targets = Make.Resolver(vaults: ["main", "west"]).Resolve([Make.Secret(vault: string.Join(',', Enumerable.Range(0, 200).Select(i => $"v{i}")))]);
        Assert.InRange(Make.Only(targets.Unresolved).Sentence.Length, 1, 400);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("vault")]
    [InlineData("certificate")]
    [InlineData("enabled")]
    public void An_annotation_longer_than_a_kilobyte_is_one_refusal(string which)
    {
        var longest = new string('a', 1023) + "é";
        var secret = which switch
        {
            "name" => Make.Secret(name: longest),
            "vault" => Make.Secret(vault: longest),
            "enabled" => Make.Secret(enabled: longest),
            _ => Make.Secret(certificate: longest),
        };
        var targets = Make.Resolver().Resolve([secret]);
        Assert.Empty(targets.Targets);
        var refused = Make.Only(targets.Unresolved);
        Assert.Equal((ActionKind.Refuse, Reason.AnnotationTooLong), (refused.Kind, refused.Reason));
        Assert.InRange(refused.Sentence.Length, 1, 400);
    }

    [Fact]
    public void Ambiguous_namespaces_and_names_get_different_names()
    {
        var targets = Make.Resolver("{namespace}-{name}").Resolve([Make.Secret("team/x", "a-web"), Make.Secret("team-a/y", "web")]);
        Assert.Equal(["team--a-web", "team-a-web"], targets.Targets.Select(target => target.Name));
    }

    [Theory]
    [InlineData("team-a", "web", "team-a-web")]
    [InlineData("shop", "www.example.com", "shop-www-example-com")]
    public void A_name_that_this_namespace_filled_before_names_were_unambiguous_is_kept(string home, string certificate, string before)
    {
        var secret = Make.Secret($"{home}/tls", certificate);
        var held = Make.Ours(new SyncTarget("main", before, $"{home}-{certificate}", [secret]), Make.Facts());
        var resolver = Make.Resolver("{namespace}-{name}");

        Assert.Equal(before, resolver.Resolve([secret], held).Targets.Single().Name);
        Assert.Equal((ActionKind.Unchanged, before), Row(new SyncPlanner(Make.Policy).Decide(resolver.Resolve([secret], held).Targets.Single(), held)));

        var other = held with { Tags = ImmutableDictionary<string, string>.Empty.Add("SyncFrom", "cert-manager-key-vault-sync").Add("namespace", home) };
        Assert.NotEqual(before, resolver.Resolve([secret], other).Targets.Single().Name);
        var adopting = new TargetResolver(new SecretFilter(), new VaultNames("{namespace}-{name}", Make.Cluster), Make.Policy with { Adopt = true }, ["main"]);
        Assert.Equal(before, adopting.Resolve([secret], other).Targets.Single().Name);
        Assert.NotEqual(before, adopting.Resolve([secret], other with { Tags = other.Tags.SetItem("namespace", "evil") }).Targets.Single().Name);

        var evil = Make.Secret("evil/tls");
        Assert.NotEqual(before, resolver.Resolve([secret], held with { Tags = held.Tags.SetItem("source", evil.Source) }).Targets.Single().Name);
        Assert.NotEqual(before, resolver.Resolve([secret], held with { Tags = held.Tags.SetItem("source-name", "x") }).Targets.Single().Name);
        Assert.NotEqual(before, resolver.Resolve([secret], held with { Tags = held.Tags.SetItem("cluster", "green") }).Targets.Single().Name);
        Assert.NotEqual(before, resolver.Resolve([secret]).Targets.Single().Name);
    }

    [Fact]
    public void A_name_that_was_kept_in_one_vault_is_no_right_to_it_in_another()
    {
        var kept = Make.Secret("a-b/tls", "c");
        var held = Make.Ours(new SyncTarget("main", "a-b-c", "a-b-c", [kept]), Make.Facts());
        var resolver = Make.Resolver("{namespace}-{name}", vaults: ["main", "west"]);

        Assert.Equal(Reason.NameNotAllowed, Make.Only(resolver.Resolve([kept, Make.Secret("a-b/other", "other", name: "a-b-c", vault: "west")], held).Unresolved).Reason);
        Assert.Empty(resolver.Resolve([kept, Make.Secret("a-b/other", "other", name: "a-b-c", vault: "main")], held).Unresolved);
    }

    [Fact]
    public void One_certificate_goes_to_several_vaults_and_an_unknown_one_is_refused()
    {
        var secret = Make.Secret(vault: "main, west,nowhere, WEST");
        var targets = Make.Resolver(vaults: ["main", "west"]).Resolve([secret]);

        Assert.Equal(["main", "west"], targets.Targets.Select(target => target.Vault));
        Assert.Equal(Reason.UnknownVault, Make.Only(targets.Unresolved).Reason);
    }

    [Fact]
    public void Without_an_annotation_the_first_vault_is_meant() =>
        Assert.Equal("main", Make.Resolver(vaults: ["main", "west"]).Resolve([Make.Secret()]).Targets.Single().Vault);

    [Fact]
    public void The_same_name_from_two_namespaces_is_one_target_with_both_sources()
    {
        var targets = Make.Resolver().Resolve([Make.Secret("b/web-tls"), Make.Secret("a/web-tls")]);
        Assert.Equal(["a/web-tls", "b/web-tls"], targets.Targets.Single().Sources.Select(source => source.Source));
    }

    [Theory]
    [InlineData(VaultNames.NameOnly, "closed")]
    [InlineData("{namespace}-{name}", "")]
    [InlineData("{namespace}-{name}", "closed", "closed=shop-")]
    public void A_namespace_that_could_not_be_listed_may_ask_for_every_name_that_it_could_have(string template, string unlisted, params string[] grants)
    {
        var targets = Make.Resolver(template, grants).Resolve([Make.Secret()], [], ["closed"], CancellationToken.None);

        Assert.Equal(unlisted, string.Join(',', targets.Targets.Single().Unlisted));
    }

    [Fact]
    public void Cancellation_is_observed_at_every_Secret()
    {
        using var stop = new CancellationTokenSource();
        var taken = 0;
        IEnumerable<TlsSecretRef> Secrets()
        {
            while (true)
            {
                if (++taken == 3)
                {
                    stop.Cancel();
                }

                yield return Make.Secret($"shop/web-{taken}");
            }
        }

        Assert.Throws<OperationCanceledException>(() => Make.Resolver().Resolve(Secrets(), [], [], stop.Token));
        Assert.Equal(3, taken);
    }

    private static (ActionKind Kind, string Name) Row(SyncAction action) => (action.Kind, action.Name);
}
