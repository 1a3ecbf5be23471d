using System.Collections.Immutable;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class PrunePlannerTests
{
    private static readonly Targets Nothing = new([], []);

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
    public void Only_what_is_ours_wanted_by_nobody_and_in_scope_is_pruned()
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
    public void A_renamed_certificate_goes_only_when_its_new_name_is_there()
    {
        var secret = Make.Secret("shop/web-tls");
        var target = new SyncTarget("main", "new", "new", [secret]);
        var old = Ours("old");

        Assert.Empty(Decide(PruneMode.Delete, [old], new Targets([target], []), [secret]));
        var action = Make.Only(Decide(PruneMode.Delete, [old, Ours("new")], new Targets([target], []), [secret]));
        Assert.Equal((ActionKind.Delete, Reason.SourceRenamed, "old"), (action.Kind, action.Reason, action.Name));
    }

    [Fact]
    public void A_refused_name_is_nobodys_to_prune()
    {
        var refused = SyncAction.On(Make.Target(), null, ActionKind.Refuse, Reason.NameCollision, "");
        Assert.Empty(Decide(PruneMode.Delete, [Ours("web")], new Targets([], [refused])));
    }

    [Fact]
    public void Nothing_is_pruned_when_the_listing_was_incomplete()
    {
        var action = Make.Only(Decide(PruneMode.Delete, [Ours("web")], complete: false));
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
    public void What_is_disabled_already_is_not_disabled_again() =>
        Assert.Empty(Decide(PruneMode.Disable, [Ours("web") with { Enabled = false }]));

    private static VaultCertificate Ours(string name, string source = "shop/web-tls") =>
        Make.Ours(new SyncTarget("main", name, name, [Make.Secret(source)]), Make.Facts());

    private static ImmutableArray<SyncAction> Decide(
        PruneMode mode, VaultCertificate[] listing, Targets? targets = null, TlsSecretRef[]? secrets = null, bool complete = true) =>
        new PrunePlanner(Make.Policy with { Prune = mode }, name => name == "shop")
            .Decide(listing, targets ?? Nothing, secrets ?? [], complete);
}
