using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;
using CsCheck;

namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class PrunePlannerTests
{
    [Theory]
    [InlineData(PruneMode.Keep, ActionKind.Keep)]
    [InlineData(PruneMode.Disable, ActionKind.Disable)]
    [InlineData(PruneMode.Delete, ActionKind.Delete)]
    public void A_certificate_whose_Secret_is_gone_is_kept_disabled_or_deleted(PruneMode mode, ActionKind kind)
    {
        var action = Make.Only(Decide(mode, [Ours("web")]));
        Assert.Equal((kind, Reason.SourceGone), (action.Kind, action.Reason));
    }

    [Fact]
    public void Only_the_jobs_own_unused_certificates_in_scope_are_pruned()
    {
        var foreign = Ours("foreign") with { Tags = ImmutableDictionary<string, string>.Empty };
        var elsewhere = Ours("elsewhere", "kube-system/tls");
        var deleted = Ours("deleted") with { IsDeleted = true };
        Assert.Empty(Decide(PruneMode.Delete, [foreign, elsewhere, deleted]));
    }

    [Fact]
    public void A_Secret_that_exists_but_is_not_selected_keeps_its_certificate() =>
        Assert.Empty(Decide(PruneMode.Delete, [Ours("web")], secrets: [Make.Secret("shop/web-tls", enabled: "false")]));

    [Fact]
    public void A_renamed_certificate_is_pruned_only_if_the_new_name_had_it_before_and_still_has_it()
    {
        var secret = Make.Secret("shop/web-tls");
        var target = new SyncTarget("main", "new", "new", [secret]);
        var old = Ours("old");

        Assert.Empty(Decide(PruneMode.Delete, [old], [target], [secret], results: [Result(target, ActionKind.Create)]));
        Assert.Empty(Decide(PruneMode.Delete, [old, Ours("new")], [target], [secret], results: [Result(target, ActionKind.Fail)]));
        Assert.Empty(Decide(PruneMode.Delete, [old, Ours("new", "evil/tls")], [target], [secret], results: [Result(target, ActionKind.Refuse, Reason.NameCollision)]));
        var action = Make.Only(Decide(PruneMode.Delete, [old, Ours("new")], [target], [secret], results: [Result(target, ActionKind.Unchanged)]));
        Assert.Equal((ActionKind.Delete, Reason.SourceRenamed, "old"), (action.Kind, action.Reason, action.Name));
    }

    [Theory]
    [InlineData(ActionKind.Refuse, Reason.AnotherNamespace, true)]
    [InlineData(ActionKind.Refuse, Reason.OlderThanVault, false)]
    [InlineData(ActionKind.Fail, Reason.SecretUnreadable, false)]
    [InlineData(ActionKind.Skip, Reason.SameCertificate, false)]
    [InlineData(ActionKind.Refuse, Reason.InvalidCertificate, true)]
    [InlineData(ActionKind.Skip, Reason.IssuancePending, true)]
    [InlineData(ActionKind.Skip, Reason.TemporaryCertificate, true)]
    [InlineData(ActionKind.Skip, Reason.SecretGone, true)]
    [InlineData(ActionKind.Skip, Reason.CertificateAuthority, true)]
    public void A_Secret_that_asks_for_the_name_keeps_its_certificate_unless_the_name_is_another_namespaces(ActionKind kind, Reason reason, bool isPruned)
    {
        var target = new SyncTarget("main", "web", "web", [Make.Secret("evil/tls")]);
        var actions = Decide(PruneMode.Delete, [Ours("web")], [target], target.Sources.ToArray(), results: [Result(target, kind, reason)]);
        Assert.Equal(isPruned, actions is [{ Kind: ActionKind.Delete }]);
        var ofOwner = target with { Sources = [Make.Secret("shop/new-tls")] };
        Assert.Empty(Decide(PruneMode.Delete, [Ours("web")], [ofOwner], [Make.Secret("shop/new-tls")],
            results: reason == Reason.AnotherNamespace ? [] : [Result(ofOwner, kind, reason)]));
        Assert.Empty(Decide(PruneMode.Delete, [Ours("web")], [target], target.Sources.ToArray()));
    }

    [Fact]
    public void A_certificate_under_copied_tags_is_not_deleted()
    {
        var action = Make.Only(Decide(PruneMode.Delete, [Ours("web") with { Thumbprint = "bb" }]));
        Assert.Equal((ActionKind.Keep, Reason.TagsMismatch), (action.Kind, action.Reason));
        Assert.Equal(Reason.TagsMismatch, Make.Only(Decide(PruneMode.Delete, [Ours("web") with { Thumbprint = "" }])).Reason);
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("shop/web-tls/x")]
    [InlineData("shop/../../nodes/x")]
    [InlineData("sh.op/web-tls")]
    [InlineData("shop/web..tls")]
    [InlineData("shop/web-.tls")]
    [InlineData("shop/web-tls,")]
    [InlineData("shop/web-tls, shop/api-tls")]
    [InlineData("Shop/web-tls")]
    [InlineData("shop/sha256:00")]
    [InlineData("")]
    public void A_malformed_source_is_never_gone(string source)
    {
        var web = Ours("web");
        Assert.Empty(Decide(PruneMode.Delete, [web with { Tags = web.Tags.SetItem("source", source) }]));
    }

    [Theory]
    [InlineData(PruneMode.Keep)]
    [InlineData(PruneMode.Disable)]
    [InlineData(PruneMode.Delete)]
    public void Nothing_is_pruned_or_reported_as_gone_when_the_listing_was_incomplete(PruneMode mode)
    {
        var action = Make.Only(Decide(mode, [Ours("web")], complete: false));
        Assert.Equal((ActionKind.Keep, Reason.ListingIncomplete), (action.Kind, action.Reason));
    }

    [Theory]
    [InlineData(5, ActionKind.Delete)]
    [InlineData(6, ActionKind.Refuse)]
    public void More_than_the_limit_is_refused_as_a_whole(int count, ActionKind kind)
    {
        var actions = Decide(PruneMode.Delete, [.. Enumerable.Range(0, count).Select(i => Ours($"web-{i}"))]);
        Assert.Equal(count, actions.Length);
        Assert.All(actions, action => Assert.Equal(kind, action.Kind));
    }

    [Fact]
    public void A_namespace_over_the_limit_is_refused_and_the_others_are_pruned()
    {
        VaultCertificate[] listing = [.. Enumerable.Range(0, 6).Select(i => Ours($"evil-{i}", "evil/tls")), Ours("web"), Ours("api")];
        var actions = Decide(PruneMode.Delete, listing);
        Assert.Equal(["api", "web"], actions.Where(action => action.Kind == ActionKind.Delete).Select(action => action.Name));
        Assert.Equal(6, actions.Count(action => action is { Kind: ActionKind.Refuse, Reason: Reason.PruneLimit }));
    }

    [Theory]
    [InlineData(5, 1, 1)]
    [InlineData(4, 2, 2)]
    [InlineData(3, 3, 0)]
    [InlineData(3, 2, 5)]
    public void Where_all_together_are_over_the_limit_the_namespace_with_the_most_is_refused_first(int evil, int shop, int pruned)
    {
        VaultCertificate[] listing = [.. Enumerable.Range(0, evil).Select(i => Ours($"evil-{i}", "evil/tls")), .. Enumerable.Range(0, shop).Select(i => Ours($"web-{i}"))];
        Assert.Equal(pruned, Decide(PruneMode.Delete, listing).Count(action => action.Kind == ActionKind.Delete));
    }

    [Fact]
    public void Many_namespaces_with_one_each_are_refused_as_a_whole() =>
        Assert.All(
            Decide(PruneMode.Delete, [.. Enumerable.Range(0, 6).Select(i => Ours($"web-{i}", $"team-{i}/tls"))]),
            action => Assert.Equal(Reason.PruneLimit, action.Reason));

    [Fact]
    public void Never_more_than_the_limit_is_pruned() =>
        Gen.Int[0, 7].Array[0, 8].Sample(counts =>
        {
            var listing = counts.SelectMany((count, home) => Enumerable.Range(0, count).Select(i => Ours($"web-{home}-{i}", $"team-{home}/tls"))).ToArray();
            var actions = Decide(PruneMode.Delete, listing);
            Assert.Equal(listing.Length, actions.Length);
            Assert.InRange(actions.Count(action => action.Kind == ActionKind.Delete), 0, 5);
        });

    [Fact]
    public void A_certificate_is_not_in_the_wrong_vault_while_its_Secret_asks_for_an_unknown_one()
    {
        var secret = Make.Secret("shop/web-tls", vault: "main,edge2");
        var target = new SyncTarget("main", "web", "web", [secret]);
        var edge = Ours("web") with { Vault = "edge" };
        var unknown = new SyncAction(ActionKind.Refuse, Reason.UnknownVault, "") { Sources = [secret] };

        Assert.Empty(Decide(PruneMode.Delete, [Ours("web"), edge], [target], [secret], results: [unknown, Result(target, ActionKind.Unchanged)]));
        Assert.Equal(Reason.SourceRenamed, Make.Only(Decide(PruneMode.Delete, [Ours("web"), edge], [target], [secret], results: [Result(target, ActionKind.Unchanged)])).Reason);
    }

    [Fact]
    public void What_was_enabled_again_stays_enabled()
    {
        var enabled = Ours("web") with { Tags = Ours("web").Tags.SetItem(Ownership.PrunedTag, "true") };

        Assert.Equal(ActionKind.Keep, Make.Only(Decide(PruneMode.Disable, [enabled])).Kind);
        Assert.Equal(ActionKind.Delete, Make.Only(Decide(PruneMode.Delete, [enabled])).Kind);
    }

    [Fact]
    public void What_is_disabled_already_is_not_disabled_again() =>
        Assert.Empty(Decide(PruneMode.Disable, [Ours("web") with { Enabled = false }]));

    private static VaultCertificate Ours(string name, string source = "shop/web-tls") =>
        Make.Ours(new SyncTarget("main", name, name, [Make.Secret(source)]), Make.Facts());

    private static SyncAction Result(SyncTarget target, ActionKind kind, Reason reason = Reason.SourceUnchanged) => SyncAction.On(target, Ours(target.Name), kind, reason, "");

    private static ImmutableArray<SyncAction> Decide(
        PruneMode mode, VaultCertificate[] listing, SyncTarget[]? targets = null, TlsSecretRef[]? secrets = null, bool complete = true, SyncAction[]? results = null) =>
        new PrunePlanner(Make.Policy with { Prune = mode }, name => name != "kube-system")
            .Decide(listing, targets ?? [], results ?? [], secrets ?? [], complete);
}
