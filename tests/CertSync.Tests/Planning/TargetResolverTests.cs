using static ClusterTrust.CertSync.Tests.Planning.Make;

namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class TargetResolverTests
{
    private const string PerNamespace = "{namespace}-{name}";

    /// <summary>Longer than a kilobyte by its bytes alone.</summary>
    private static readonly string TooLong = new string('a', 1023) + "é";

    private static readonly Dictionary<string, (TlsSecretRef Secret, Reason Reason)> Refused = new()
    {
        ["a blank vault"] = (Secret(vault: " "), Reason.UnknownVault),
        ["a vault of commas"] = (Secret(vault: " , ,, "), Reason.UnknownVault),
        ["many unknown vaults"] = (Secret(vault: string.Join(',', Enumerable.Range(0, 200).Select(i => $"v{i}"))), Reason.UnknownVault),
        ["a long name"] = (Secret(name: TooLong), Reason.AnnotationTooLong),
        ["a long vault"] = (Secret(vault: TooLong), Reason.AnnotationTooLong),
        ["a long certificate name"] = (Secret(certificate: TooLong), Reason.AnnotationTooLong),
        ["a long switch"] = (Secret(enabled: TooLong), Reason.AnnotationTooLong),
        ["a mistyped switch"] = (Secret(enabled: "flase"), Reason.AnnotationInvalid),
    };

    [Fact]
    public void A_Secret_with_an_annotation_of_no_use_is_one_refusal_of_bounded_length() => Assert.All(Refused, static row =>
    {
        var targets = Resolver(vaults: ["main", "west"]).Resolve([row.Value.Secret]);
        Assert.Empty(targets.Targets);
        Assert.Equal((ActionKind.Refuse, row.Value.Reason), Row(Only(targets.Unresolved)));
        Assert.InRange(targets.Unresolved[0].Sentence.Length, 1, 400);
    });

    [Theory]
    [InlineData("web"), InlineData("WEB"), InlineData("w.eb")]
    public void An_annotation_pointing_at_another_namespaces_name_is_refused_in_any_spelling(string spelling)
    {
        var owner = Secret(certificate: VaultNames.Map(spelling));
        var targets = Resolver().Resolve([owner, Secret("evil/tls", "mine", name: spelling)]);
        Assert.Equal((ActionKind.Refuse, Reason.NameNotAllowed), Row(Only(targets.Unresolved)));
        Assert.Same(owner, targets.Targets.Single().Sources.Single());
    }

    [Fact]
    public void Another_namespace_does_not_change_the_spelling_of_a_name()
    {
        var targets = Resolver().Resolve([Secret("evil/tls", "WEB"), Secret()], Ours(Target(), Facts())).Targets;
        Assert.Equal("web", targets.Single().Name);
    }

    [Fact]
    public void A_namespace_may_use_its_own_names_and_those_granted_to_it()
    {
        var targets = Resolver(grants: ["team-*=public-"]).Resolve(
            [Secret("shop/a", "first", name: " "), Secret("shop/b", "second", name: " first\n"), Secret("team-1/c", "third", name: "Public-site")]);
        Assert.Empty(targets.Unresolved);
        Assert.Equal([2, 1], targets.Targets.Select(target => target.Sources.Length));
    }

    [Theory]
    [InlineData("a-b", "a-b")]
    [InlineData("a.b", "a-b")]
    [InlineData("a-b", "A-B")]
    public void Names_that_map_to_the_same_one_are_one_target_with_both_sources(string one, string other)
    {
        var (x, y) = (Secret("n/x", "x", name: one), Secret("m/y", "y", name: other));
        var target = Resolver(grants: ["*="]).Resolve([x, y]).Targets.Single();
        Assert.Equal(["m/y", "n/x"], target.Sources.Select(static source => source.Source));
        Assert.Equal([one, other], [target.RawNameOf(x), target.RawNameOf(y)]);
    }

    [Theory]
    [InlineData("team-a", "web", "team-a-web")]
    [InlineData("shop", "www.example.com", "shop-www-example-com")]
    public void A_name_that_this_namespace_used_before_names_were_unambiguous_is_kept(string ns, string certificate, string before)
    {
        var secret = Secret($"{ns}/tls", certificate);
        var held = Ours(new SyncTarget("main", before, $"{ns}-{certificate}", [secret]), Facts());
        var ofOtherTool = held with { Tags = ImmutableDictionary<string, string>.Empty.Add("SyncFrom", "cert-manager-key-vault-sync").Add("namespace", ns) };
        var adopt = Policy with { Adopt = true };

        Assert.True(IsKept(held, Policy));
        Assert.True(IsKept(ofOtherTool, adopt));
        Assert.Equal(ActionKind.Unchanged, new SyncPlanner(Policy).Decide(Resolver(PerNamespace).Resolve([secret], held).Targets.Single(), held).Kind);

        Assert.False(IsKept(ofOtherTool, Policy));
        Assert.False(IsKept(Tagged(ofOtherTool, "namespace", "evil"), adopt));
        Assert.False(IsKept(Tagged(held, "source", "evil/tls"), Policy));
        Assert.False(IsKept(Tagged(held, "source-name", "x"), Policy));
        Assert.False(IsKept(Tagged(held, "cluster", "green"), Policy));
        Assert.False(IsKept(held with { Name = "another" }, Policy));

        bool IsKept(VaultCertificate inVault, SyncPolicy policy) =>
            new TargetResolver(new SecretFilter(), new VaultNames(PerNamespace, Make.Cluster), policy, ["main"]).Resolve([secret], inVault).Targets.Single().Name == before;

        static VaultCertificate Tagged(VaultCertificate certificate, string tag, string value) => certificate with { Tags = certificate.Tags.SetItem(tag, value) };
    }

    [Fact]
    public void A_name_that_was_kept_in_one_vault_is_no_right_to_it_in_another()
    {
        var kept = Secret("a-b/tls", "c");
        var held = Ours(new SyncTarget("main", "a-b-c", "a-b-c", [kept]), Facts());
        var resolver = Resolver(PerNamespace, vaults: ["main", "west"]);
        Assert.Equal(Reason.NameNotAllowed, Only(resolver.Resolve([kept, Secret("a-b/other", "other", name: "a-b-c", vault: "west")], held).Unresolved).Reason);
        Assert.Empty(resolver.Resolve([kept, Secret("a-b/other", "other", name: "a-b-c", vault: "main")], held).Unresolved);
    }

    [Fact]
    public void One_certificate_goes_to_several_vaults_an_unknown_one_is_refused_and_without_an_annotation_the_first_is_meant()
    {
        var targets = Resolver(vaults: ["main", "west"]).Resolve([Secret(vault: "main, west,nowhere, WEST")]);
        Assert.Equal(["main", "west"], targets.Targets.Select(target => target.Vault));
        Assert.Equal(Reason.UnknownVault, Only(targets.Unresolved).Reason);
        Assert.Equal("main", Resolver(vaults: ["main", "west"]).Resolve([Secret()]).Targets.Single().Vault);
    }

    [Theory]
    [InlineData(VaultNames.NameOnly, "closed")]
    [InlineData(PerNamespace, "")]
    [InlineData(PerNamespace, "closed", "closed=shop-")]
    public void A_namespace_that_could_not_be_listed_may_ask_for_every_name_that_it_could_have(string template, string unlisted, params string[] grants)
    {
        var targets = Resolver(template, grants).Resolve([Secret()], [], ["closed"], CancellationToken.None);
        Assert.Equal(unlisted, string.Join(',', targets.Targets.Single().Unlisted));
    }

    /// <summary>A tenant's Secrets need memory for the vaults that they are for, not for all that are configured.</summary>
    [Fact]
    public void Vaults_that_no_Secret_selects_cost_nothing()
    {
        TlsSecretRef[] secrets = [.. Enumerable.Range(0, 1000).Select(static number => Secret($"shop/{number}", $"web-{number}"))];
        _ = AllocatedFor("a");
        Assert.InRange(AllocatedFor([.. Enumerable.Range(0, 50).Select(static number => $"vault-{number}")]), 1, 2 * AllocatedFor("a"));
        long AllocatedFor(params string[] vaults)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(1000, Resolver(vaults: vaults).Resolve(secrets).Targets.Length);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Cancellation_is_observed_at_every_Secret()
    {
        using var stop = new CancellationTokenSource();
        var taken = 0;
        var secrets = Enumerable.Range(0, 9).Select(number =>
        {
            (++taken == 3 ? stop.Cancel : (Action)(static () => { }))();
            return Secret($"shop/web-{number}");
        });
        Assert.Throws<OperationCanceledException>(() => Resolver().Resolve(secrets, [], [], stop.Token));
        Assert.Equal(3, taken);
    }
}
