namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class PrunePlannerTests
{
    private const int Limit = 5;

    [Theory]
    [InlineData(PruneMode.Keep, true, ActionKind.Keep, Reason.SourceGone), InlineData(PruneMode.Disable, true, ActionKind.Disable, Reason.SourceGone)]
    [InlineData(PruneMode.Delete, true, ActionKind.Delete, Reason.SourceGone)]
    [InlineData(PruneMode.Disable, false, ActionKind.Keep, Reason.ListingIncomplete), InlineData(PruneMode.Delete, false, ActionKind.Keep, Reason.ListingIncomplete)]
    public void A_certificate_whose_Secret_is_gone_is_pruned_as_configured_if_the_listing_was_complete(PruneMode mode, bool isComplete, ActionKind kind, Reason reason) =>
        Assert.Equal((kind, reason), Make.Row(Make.Only(Decide([Ours("web")], mode: mode, isComplete: isComplete))));

    [Fact]
    public void Only_the_jobs_own_unused_certificates_in_scope_are_pruned()
    {
        var foreign = Ours("foreign") with { Tags = ImmutableDictionary<string, string>.Empty };
        var elsewhere = Ours("elsewhere", "kube-system/tls");
        var deleted = Ours("deleted") with { IsDeleted = true };
        Assert.Empty(Decide([foreign, elsewhere, deleted]));
    }

    [Fact]
    public void A_Secret_that_exists_but_is_not_selected_keeps_its_certificate() =>
        Assert.Empty(Decide([Ours("web")], secrets: [Make.Secret("shop/web-tls", enabled: "false")]));

    [Fact]
    public void A_renamed_certificate_is_pruned_only_if_the_new_name_had_it_before_and_still_has_it()
    {
        var secret = Make.Secret("shop/web-tls");
        var target = new SyncTarget("main", "new", "new", [secret]);
        var old = Ours("old");
        Assert.Empty(Decide([old], [target], [Result(target, ActionKind.Create)]));
        Assert.Empty(Decide([old, Ours("new")], [target], [Result(target, ActionKind.Fail)]));
        Assert.Empty(Decide([old, Ours("new", "evil/tls")], [target], [Result(target, ActionKind.Refuse, Reason.NameCollision)]));
        Assert.True(Decide([old, Ours("new")], [target], [Result(target, ActionKind.Unchanged)]) is [{ Kind: ActionKind.Delete, Reason: Reason.SourceRenamed, Name: "old" }]);
    }

    [Theory]
    [InlineData(ActionKind.Refuse, Reason.AnotherNamespace, true), InlineData(ActionKind.Refuse, Reason.OlderThanVault, false)]
    [InlineData(ActionKind.Fail, Reason.SecretUnreadable, false), InlineData(ActionKind.Skip, Reason.SameCertificate, false)]
    [InlineData(ActionKind.Refuse, Reason.InvalidCertificate, true), InlineData(ActionKind.Skip, Reason.IssuancePending, true)]
    [InlineData(ActionKind.Skip, Reason.TemporaryCertificate, true), InlineData(ActionKind.Skip, Reason.SecretGone, true)]
    [InlineData(ActionKind.Skip, Reason.CertificateAuthority, true)]
    public void A_Secret_that_asks_for_the_name_keeps_its_certificate_unless_the_name_is_another_namespaces(ActionKind kind, Reason reason, bool isPruned)
    {
        var target = new SyncTarget("main", "web", "web", [Make.Secret("evil/tls")]);
        Assert.Equal(isPruned, Decide([Ours("web")], [target], [Result(target, kind, reason)]) is [{ Kind: ActionKind.Delete }]);
        Assert.Empty(Decide([Ours("web")], [target]));
        var ofOwner = target with { Sources = [Make.Secret("shop/new-tls")] };
        Assert.Empty(Decide([Ours("web")], [ofOwner], reason == Reason.AnotherNamespace ? [] : [Result(ofOwner, kind, reason)]));
    }

    [Theory]
    [InlineData(6, ActionKind.Disable), InlineData(7, ActionKind.Refuse)]
    public void A_certificate_whose_tags_leave_no_place_for_that_of_pruning_is_not_disabled(int others, ActionKind kind) =>
        Assert.Equal(kind, Make.Only(Decide([Ours("web") with { MoreTags = others }], mode: PruneMode.Disable)).Kind);

    [Theory]
    [InlineData("bb"), InlineData("")]
    public void A_certificate_under_copied_tags_is_not_deleted(string thumbprint) =>
        Assert.Equal((ActionKind.Keep, Reason.TagsMismatch), Make.Row(Make.Only(Decide([Ours("web") with { Thumbprint = thumbprint }]))));

    [Fact]
    public void A_malformed_source_is_never_gone() => Assert.All(OwnershipTests.MalformedSources, static source => Assert.Empty(Decide([Tagged("source", source)])));

    [Fact]
    public void A_certificate_of_too_many_Secrets_to_name_is_reported_and_not_pruned() =>
        Assert.Equal((ActionKind.Keep, Reason.SourceGone), Make.Row(Make.Only(Decide([Tagged("source", $"shop/{OwnershipTests.Digest}")]))));

    /// <summary>Certificates to prune of each namespace, and how many of them are: namespaces with the most are refused first, all with as many together.</summary>
    [Theory]
    [InlineData(5, 5), InlineData(0, 6)]
    [InlineData(2, 6, 2), InlineData(2, 4, 2), InlineData(5, 3, 2)]
    [InlineData(0, 3, 3), InlineData(0, 1, 1, 1, 1, 1, 1)]
    public void What_exceeds_the_limit_is_refused_by_namespace(int pruned, params int[] counts)
    {
        var actions = Decide(Gone(counts));
        Assert.Equal(pruned, actions.Count(static action => action.Kind == ActionKind.Delete));
        Assert.Equal(counts.Sum() - pruned, actions.Count(static action => action is { Kind: ActionKind.Refuse, Reason: Reason.PruneLimit }));
        Assert.All(
            actions.GroupBy(static action => Ownership.NamespaceOf(action.Current!)),
            static lines => Assert.Single(lines.Select(static line => line.Kind).Distinct()));
    }

    [Fact]
    public void Never_more_than_the_limit_is_pruned_and_nothing_goes_unreported() =>
        Gen.Int[0, 7].Array[0, 8].Sample(static counts =>
        {
            var actions = Decide(Gone(counts));
            Assert.Equal(counts.Sum(), actions.Length);
            Assert.InRange(actions.Count(static action => action.Kind == ActionKind.Delete), 0, Limit);
        });

    [Fact]
    public void A_certificate_is_not_in_the_wrong_vault_while_its_Secret_asks_for_an_unknown_one()
    {
        var secret = Make.Secret("shop/web-tls", vault: "main,edge2");
        var target = new SyncTarget("main", "web", "web", [secret]);
        VaultCertificate[] listing = [Ours("web"), Ours("web") with { Vault = "edge" }];
        var unknown = new SyncAction(ActionKind.Refuse, Reason.UnknownVault, "") { Sources = [secret] };
        Assert.Empty(Decide(listing, [target], [unknown, Result(target, ActionKind.Unchanged)]));
        Assert.Equal(Reason.SourceRenamed, Make.Only(Decide(listing, [target], [Result(target, ActionKind.Unchanged)])).Reason);
    }

    /// <summary>Nine Secrets of the namespace ask for the name in one vault, and one of them in another.</summary>
    [Theory]
    [InlineData("main", "gone-tls"), InlineData("edge", "x-0")]
    public void A_certificate_whose_requests_are_too_many_to_be_read_is_kept(string vault, string source)
    {
        TlsSecretRef[] secrets = [.. Enumerable.Range(0, 9).Select(number => Make.Secret($"shop/x-{number}", vault: number == 0 ? "main,edge" : vault))];
        VaultCertificate[] listing = [Ours("web", $"shop/{source}") with { Vault = vault }];
        var resolved = Make.Resolver(vaults: ["main", "edge"]).Resolve(secrets, listing);
        var unchanged = resolved.Targets.Select(target => SyncAction.On(target, Ours("web"), ActionKind.Unchanged, Reason.SourceUnchanged, ""));
        Assert.Empty(Decide(listing, [.. resolved.Targets], [.. unchanged, .. resolved.Unresolved], secrets));
    }

    [Theory]
    [InlineData(ActionKind.Unchanged, true), InlineData(ActionKind.Create, false)]
    [InlineData(ActionKind.Fail, false), InlineData(ActionKind.Refuse, false)]
    public void A_renamed_certificate_is_pruned_only_if_every_vault_has_the_new_name(ActionKind inEdge, bool isPruned)
    {
        var secret = Make.Secret("shop/web-tls", vault: "main,edge");
        var target = new SyncTarget("main", "new", "new", [secret]);
        var ofEdge = target with { Vault = "edge" };
        Assert.Equal(isPruned, Decide([Ours("old") with { Vault = "edge" }], [target, ofEdge], [Result(target, ActionKind.Unchanged), Result(ofEdge, inEdge)]) is [_]);
    }

    [Fact]
    public void What_was_enabled_again_stays_enabled_and_what_is_disabled_is_not_disabled_again()
    {
        var enabled = Tagged(Ownership.PrunedTag, "true");
        Assert.Equal(ActionKind.Keep, Make.Only(Decide([enabled], mode: PruneMode.Disable)).Kind);
        Assert.Equal(ActionKind.Delete, Make.Only(Decide([enabled])).Kind);
        Assert.Empty(Decide([Ours("web") with { Enabled = false }], mode: PruneMode.Disable));
    }

    private static VaultCertificate Ours(string name, string source = "shop/web-tls") =>
        Make.Ours(new SyncTarget("main", name, name, [Make.Secret(source)]), Make.Facts());

    private static VaultCertificate Tagged(string tag, string value) => Ours("web") with { Tags = Ours("web").Tags.SetItem(tag, value) };

    /// <summary>Certificates whose Secrets are gone, so many of each namespace.</summary>
    private static VaultCertificate[] Gone(params int[] counts) =>
        [.. counts.SelectMany(static (count, team) => Enumerable.Range(0, count).Select(i => Ours($"web-{team}-{i}", $"team-{team}/tls")))];

    private static SyncAction Result(SyncTarget target, ActionKind kind, Reason reason = Reason.SourceUnchanged) => SyncAction.On(target, Ours(target.Name), kind, reason, "");

    private static ImmutableArray<SyncAction> Decide(
        VaultCertificate[] listing, SyncTarget[]? targets = null, SyncAction[]? results = null, TlsSecretRef[]? secrets = null,
        PruneMode mode = PruneMode.Delete, bool isComplete = true) =>
        new PrunePlanner(Make.Policy with { Prune = mode, PruneLimit = Limit }, static name => name != "kube-system")
            .Decide(listing, targets ?? [], results ?? [], secrets ?? [.. (targets ?? []).SelectMany(static target => target.Sources)], isComplete);
}
