using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;

namespace ClusterTrust.CertSync.Tests.Planning;

public sealed class SyncPlannerTests
{
    private static readonly SyncTarget Target = Make.Target();
    private static readonly CertificateFacts Facts = Make.Facts();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("v2")]
    [InlineData("0")]
    [InlineData("99999999999")]
    [InlineData("")]
    public void A_certificate_with_an_unknown_tag_version_is_never_overwritten(string version)
    {
        var ours = Make.Ours(Target, Facts);
        var action = new SyncPlanner(Make.Policy with { Adopt = true }).Decide(Target, ours with { Tags = ours.Tags.SetItem("tag-version", version) });
        Assert.Equal((ActionKind.Refuse, Reason.LaterRelease), (action.Kind, action.Reason));
    }

    [Fact]
    public void A_missing_certificate_is_created_with_tags()
    {
        Assert.Equal(ActionKind.Inspect, new SyncPlanner(Make.Policy).Decide(Target, null).Kind);
        var action = Make.Resolve(Make.Policy, Target, null, Facts);

        Assert.Equal((ActionKind.Create, Reason.NotInVault), (action.Kind, action.Reason));
        Assert.Equal(
            [("chain-sha256", "c1"), ("cluster", "blue"), ("managed-by", "clustertrust-certsync"), ("source", "shop/web-tls"),
             ("source-uid", "uid-shop/web-tls"), ("source-version", "10"), ("tag-version", "1"), ("thumbprint", "aa")],
            action.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, tag.Value)));
    }

    [Fact]
    public void Same_source_version_is_unchanged_without_reading_the_Secret()
    {
        var action = new SyncPlanner(Make.Policy).Decide(Target, Make.Ours(Target, Facts));
        Assert.Equal((ActionKind.Unchanged, Reason.SourceUnchanged), (action.Kind, action.Reason));
    }

    [Fact]
    public void A_full_run_reads_unchanged_Secrets_too()
    {
        var policy = Make.Policy with { Full = true };
        Assert.Equal(ActionKind.Inspect, new SyncPlanner(policy).Decide(Target, Make.Ours(Target, Facts)).Kind);
        Assert.Equal(Reason.SameCertificate, Make.Resolve(policy, Target, Make.Ours(Target, Facts), Facts).Reason);
    }

    [Theory]
    [InlineData("11", "uid-shop/web-tls", "aa", 0, 90, "c1", ActionKind.UpdateTags, Reason.SourceMoved)]
    [InlineData("10", "another-uid", "aa", 0, 90, "c1", ActionKind.UpdateTags, Reason.SourceMoved)]
    [InlineData("11", "uid-shop/web-tls", "aa", 0, 90, "c2", ActionKind.Renew, Reason.ChainChanged)]
    [InlineData("11", "uid-shop/web-tls", "bb", 60, 90, "c1", ActionKind.Renew, Reason.NewerInCluster)]
    [InlineData("11", "uid-shop/web-tls", "bb", 60, 10, "c1", ActionKind.Renew, Reason.NewerInCluster)]
    [InlineData("11", "uid-shop/web-tls", "bb", 0, 91, "c1", ActionKind.Renew, Reason.NewerInCluster)]
    [InlineData("11", "uid-shop/web-tls", "bb", 0, 89, "c1", ActionKind.Refuse, Reason.OlderThanVault)]
    public void A_changed_Secret_is_compared_with_the_vault(string version, string uid, string thumbprint, int issuedOnDay, int days, string chain, ActionKind kind, Reason reason)
    {
        var moved = Make.Target(Make.Secret(version: version, uid: uid));

        var action = Make.Resolve(Make.Policy, moved, Make.Ours(Target, Facts), Make.Facts(thumbprint, issuedOnDay, days, chain: chain));

        Assert.Equal((kind, reason, kind == ActionKind.Renew), (action.Kind, action.Reason, action.Imports));
        if (action.Writes)
        {
            Assert.Equal((version, chain), (action.Tags["source-version"], action.Tags["chain-sha256"]));
        }
    }

    [Fact]
    public void An_older_certificate_is_refused_unless_allowed()
    {
        var moved = Make.Target(Make.Secret(version: "11"));
        var newer = Make.Ours(Target, Make.Facts("bb", issuedOnDay: 60));

        Assert.Equal((ActionKind.Refuse, Reason.OlderThanVault), Row(Make.Resolve(Make.Policy, moved, newer, Facts)));
        Assert.Equal(ActionKind.Renew, Make.Resolve(Make.Policy with { AllowOlder = true }, moved, newer, Facts).Kind);
    }

    [Theory]
    [InlineData("someone", Reason.NotOurs)]
    [InlineData("nobody", Reason.NotOurs)]
    [InlineData("reference", Reason.NotOurs)]
    [InlineData("green", Reason.AnotherCluster)]
    public void A_foreign_certificate_is_refused_and_taken_over_only_with_adopt(string whose, Reason reason)
    {
        var foreign = Foreign(whose);
        Assert.Equal((ActionKind.Refuse, reason), Row(new SyncPlanner(Make.Policy).Decide(Target, foreign)));
        Assert.Equal((ActionKind.Refuse, reason), Row(new SyncPlanner(Make.Policy).Decide(Target, foreign with { IsDeleted = true })));

        var adopt = Make.Policy with { Adopt = true };
        Assert.Equal(ActionKind.UpdateTags, Make.Resolve(adopt, Target, foreign, Facts).Kind);
        Assert.Equal(ActionKind.Renew, Make.Resolve(adopt, Target, foreign, Make.Facts("bb", issuedOnDay: 1)).Kind);
    }

    [Fact]
    public void What_is_adopted_from_the_other_tool_belongs_to_the_namespace_that_it_came_from()
    {
        var (web, evil) = (Make.Secret(), Make.Secret("evil/tls"));
        var actions = new SyncPlanner(Make.Policy with { Adopt = true }).Resolve(
            Make.Target(evil, web), Foreign("reference"), [new(evil, Make.Facts("ee", 60)), new(web, Make.Facts("bb", 30))]);
        Assert.Equal([(ActionKind.Renew, Reason.NewerInCluster), (ActionKind.Refuse, Reason.AnotherNamespace)], actions.Select(Row));
        Assert.Equal(web, actions[0].Winner);
    }

    [Fact]
    public void What_is_adopted_goes_to_the_namespace_that_has_its_private_key()
    {
        var (web, evil) = (Make.Secret(), Make.Secret("evil/tls"));
        var actions = new SyncPlanner(Make.Policy with { Adopt = true }).Resolve(
            Make.Target(evil, web), Foreign("nobody"), [new(evil, Make.Facts("ee", 60)), new(web, Facts)]);
        Assert.Equal([(ActionKind.UpdateTags, Reason.SourceMoved), (ActionKind.Refuse, Reason.AnotherNamespace)], actions.Select(Row));
    }

    [Fact]
    public void A_soft_deleted_name_is_recovered_or_reported()
    {
        var deleted = Make.Ours(Target, Facts) with { IsDeleted = true };
        Assert.Equal((ActionKind.Recover, Reason.SoftDeleted), Row(Make.Resolve(Make.Policy, Target, deleted, Facts)));
        Assert.Equal((ActionKind.Refuse, Reason.SoftDeleted), Row(new SyncPlanner(Make.Policy with { Recover = false }).Decide(Target, deleted)));
    }

    [Fact]
    public void What_a_person_disabled_stays_disabled_and_what_pruning_disabled_comes_back()
    {
        var disabled = Make.Ours(Target, Facts) with { Enabled = false };
        Assert.Equal((ActionKind.Keep, Reason.DisabledInVault), Row(new SyncPlanner(Make.Policy).Decide(Target, disabled)));

        var pruned = disabled with { Tags = disabled.Tags.Add("pruned", "true") };
        Assert.Equal(ActionKind.UpdateTags, Make.Resolve(Make.Policy, Target, pruned, Facts).Kind);
    }

    [Fact]
    public void Two_Secrets_with_one_certificate_make_one_import_that_names_both()
    {
        var both = Make.Target(Make.Secret("a/web-tls", version: "1"), Make.Secret("b/web-tls", version: "2"));
        var action = Make.Resolve(Make.Policy, both, null, Facts);

        Assert.Equal("a/web-tls,b/web-tls", action.Tags["source"]);
        Assert.Equal("1,2", action.Tags["source-version"]);
        Assert.Equal(ActionKind.Unchanged, new SyncPlanner(Make.Policy).Decide(both, Make.Ours(both, Facts)).Kind);
    }

    [Fact]
    public void Of_two_renewals_for_the_same_names_in_one_namespace_the_one_valid_longest_wins()
    {
        var (a, b) = (Make.Secret("shop/a"), Make.Secret("shop/b"));
        var actions = new SyncPlanner(Make.Policy).Resolve(Make.Target(a, b), null, [new(a, Facts), new(b, Make.Facts("bb", 30))]);

        Assert.Equal([ActionKind.Create, ActionKind.Skip], actions.Select(action => action.Kind));
        Assert.Equal(b, actions[0].Winner);
        Assert.Equal((Reason.Superseded, a), (actions[1].Reason, actions[1].Sources.Single()));
    }

    [Theory]
    [InlineData("other.example.com", "CN=R3")]
    [InlineData("web.example.com", "CN=Another CA")]
    public void Unrelated_certificates_for_one_name_are_refused_with_both_named(string names, string issuer)
    {
        var (a, b) = (Make.Secret("shop/a"), Make.Secret("shop/b"));
        var actions = new SyncPlanner(Make.Policy).Resolve(
            Make.Target(a, b), null, [new(a, Facts), new(b, Make.Facts("bb", 30, names: names, issuer: issuer))]);

        var action = Make.Only(actions);
        Assert.Equal((ActionKind.Refuse, Reason.ConflictingSources), Row(action));
        Assert.Contains("shop/a and shop/b", action.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_map_to_the_same_one_are_refused()
    {
        var (a, b) = (Make.Secret("shop/a", "we.b"), Make.Secret("shop/b", "we-b"));
        var target = Make.Resolver().Resolve([a, b]).Targets.Single();
        var action = Make.Only(new SyncPlanner(Make.Policy).Resolve(target, null, [new(a, Facts), new(b, Facts)]));
        Assert.Equal((ActionKind.Refuse, Reason.NameCollision), Row(action));
        Assert.Contains("we-b and we.b", action.Sentence, StringComparison.Ordinal);
        Assert.Contains("shop/a and shop/b", action.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Reason.IssuancePending, ActionKind.Skip)]
    [InlineData(Reason.TemporaryCertificate, ActionKind.Skip)]
    [InlineData(Reason.SecretGone, ActionKind.Skip)]
    [InlineData(Reason.InvalidCertificate, ActionKind.Refuse)]
    public void A_Secret_that_is_known_to_have_no_certificate_does_not_stop_the_other_one(Reason reason, ActionKind kind)
    {
        var (a, b) = (Make.Secret("shop/a"), Make.Secret("shop/b"));
        var actions = new SyncPlanner(Make.Policy).Resolve(
            Make.Target(a, b), null, [Inspection.Without(a, reason, "why"), new(b, Facts)]);

        Assert.Equal([ActionKind.Create, kind], actions.Select(action => action.Kind));
        Assert.Equal("shop/b", actions[0].Tags["source"]);
        Assert.Equal(("why", a), (actions[1].Sentence, actions[1].Sources.Single()));
    }

    /// <summary>The first to fill a name owns it, so nobody may fill it while another who asks for it is not seen.</summary>
    [Fact]
    public void A_namespace_that_could_not_be_listed_keeps_its_name_from_others_until_the_name_has_an_owner()
    {
        var target = Target with { Unlisted = ["victim"] };
        var owned = Make.Ours(Target, Facts);
        var foreign = Make.Foreign(Target, Facts);
        var adopt = Make.Policy with { Adopt = true };

        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Make.Resolve(Make.Policy, target, null, Facts)));
        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Make.Resolve(adopt, target, foreign, Make.Facts("bb", issuedOnDay: 1))));
        Assert.Equal(ActionKind.UpdateTags, Make.Resolve(adopt, target, foreign, Facts).Kind);
        Assert.Equal(ActionKind.Renew, Make.Resolve(Make.Policy with { Full = true }, target, owned, Make.Facts("bb", issuedOnDay: 1)).Kind);
        Assert.Equal(ActionKind.Create, Make.Resolve(Make.Granting("shop=web"), target, null, Facts).Kind);
        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Make.Resolve(Make.Granting("shop=web", "victim=web"), target, null, Facts)));
    }

    [Theory]
    [InlineData(Reason.SecretUnreadable)]
    [InlineData(Reason.Unexpected)]
    [InlineData((Reason)9999)]
    public void A_Secret_that_could_not_be_read_blocks_the_name(Reason reason)
    {
        var (a, b) = (Make.Secret("a/web-tls"), Make.Secret("b/web-tls"));
        var actions = new SyncPlanner(Make.Policy).Resolve(
            Make.Target(a, b), null, [Inspection.Without(a, reason, "why"), new(b, Facts)]);

        Assert.DoesNotContain(actions, action => action.Writes);
        Assert.Equal((ActionKind.Fail, Reason.SecretUnreadable), Row(actions[0]));
        Assert.Contains("a/web-tls", actions[0].Sentence, StringComparison.Ordinal);
        Assert.Equal([b, a], actions.Select(action => action.Sources.Single()));
    }

    [Fact]
    public void A_Secret_of_another_namespace_that_cannot_be_read_does_not_block_the_owner()
    {
        var (web, evil) = (Make.Secret(), Make.Secret("evil/web-tls"));
        var actions = new SyncPlanner(Make.Policy).Resolve(
            Make.Target(evil, web), Make.Ours(Target, Facts), [Inspection.Without(evil, Reason.SecretUnreadable, "why"), new(web, Make.Facts("bb", 30))]);

        Assert.Equal([(ActionKind.Renew, Reason.NewerInCluster), (ActionKind.Fail, Reason.SecretUnreadable)], actions.Select(Row));
        Assert.Equal("shop/web-tls", actions[0].Tags["source"]);
    }

    [Theory]
    [InlineData(30, 90)]
    [InlineData(0, 900)]
    [InlineData(-10, 10)]
    public void Another_namespaces_different_certificate_is_refused_whatever_its_validity(int issuedOnDay, int days)
    {
        var (web, evil) = (Make.Secret(version: "11"), Make.Secret("evil/shop-tls"));
        var actions = new SyncPlanner(Make.Policy).Resolve(
            Make.Target(evil, web), Make.Ours(Target, Facts), [new(evil, Make.Facts("ee", issuedOnDay, days)), new(web, Facts)]);

        Assert.Equal([(ActionKind.UpdateTags, Reason.SourceMoved), (ActionKind.Refuse, Reason.AnotherNamespace)], actions.Select(Row));
        Assert.Equal("shop/web-tls", actions[0].Tags["source"]);
        Assert.Equal("evil/shop-tls", actions[1].Sources.Single().Source);
        Assert.Contains("belongs to namespace shop", actions[1].Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_name_stays_with_its_namespace_when_its_Secret_is_gone_also_soft_deleted(bool isDeleted)
    {
        var evil = Make.Target(Make.Secret("evil/shop-tls"));
        var current = Make.Ours(Target, Facts) with { IsDeleted = isDeleted };
        Assert.Equal((ActionKind.Refuse, Reason.AnotherNamespace), Row(Make.Resolve(Make.Policy, evil, current, Make.Facts("ee", 30))));
        Assert.Equal((ActionKind.Refuse, Reason.AnotherNamespace), Row(Make.Resolve(Make.Policy with { Adopt = true, AllowOlder = true }, evil, current, Make.Facts("ee", 30))));

        var granted = Make.Resolve(Make.Granting("evil=we"), evil, current, Make.Facts("ee", 30));
        Assert.Equal(isDeleted ? ActionKind.Recover : ActionKind.Renew, granted.Kind);
        Assert.Equal("evil/shop-tls", granted.Tags["source"]);
    }

    [Fact]
    public void Another_Secret_of_the_same_namespace_may_renew_the_name()
    {
        var moved = Make.Target(Make.Secret("shop/new-tls"));
        Assert.Equal(ActionKind.Renew, Make.Resolve(Make.Policy, moved, Make.Ours(Target, Facts), Make.Facts("bb", 30)).Kind);
    }

    [Fact]
    public void Other_namespaces_may_hold_the_very_same_certificate_and_do_not_become_its_owners()
    {
        var (web, copy) = (Make.Secret(), Make.Secret("a-copy/web-tls"));
        var both = Make.Target(copy, web);
        var action = Make.Only(new SyncPlanner(Make.Policy).Resolve(both, Make.Ours(Target, Facts), [new(copy, Facts), new(web, Facts)]));
        Assert.Equal(ActionKind.UpdateTags, action.Kind);
        Assert.Equal("shop/web-tls,a-copy/web-tls", action.Tags["source"]);

        var current = Make.Ours(Target, Facts) with { Tags = action.Tags };
        Assert.Equal(ActionKind.Unchanged, new SyncPlanner(Make.Policy).Decide(both, current).Kind);
        var renewed = new SyncPlanner(Make.Policy with { Full = true }).Resolve(both, current, [new(copy, Facts), new(web, Make.Facts("bb", 30))]);
        Assert.Equal([(ActionKind.Renew, Reason.NewerInCluster), (ActionKind.Skip, Reason.Superseded)], renewed.Select(Row));
        Assert.Equal("shop/web-tls", renewed[0].Tags["source"]);
        Assert.Equal((ActionKind.Skip, Reason.SameCertificate), Row(Make.Resolve(Make.Policy, Make.Target(copy), current, Facts)));
        Assert.Equal((ActionKind.Refuse, Reason.AnotherNamespace), Row(Make.Resolve(Make.Policy, Make.Target(copy), current, Make.Facts("cc", 60))));
    }

    [Fact]
    public void Of_two_namespaces_that_request_a_new_name_neither_gets_it()
    {
        var (a, b) = (Make.Secret("a/web-tls"), Make.Secret("b/web-tls"));
        IReadOnlyList<Inspection> seen = [new(a, Facts), new(b, Make.Facts("bb", 30))];
        var action = Make.Only(new SyncPlanner(Make.Policy).Resolve(Make.Target(a, b), null, seen));
        Assert.Equal((ActionKind.Refuse, Reason.ConflictingSources), Row(action));
        Assert.Contains("a/web-tls and b/web-tls", action.Sentence, StringComparison.Ordinal);
        Assert.Equal(["a/web-tls", "b/web-tls"], action.Sources.Select(source => source.Source));

        var granted = new SyncPlanner(Make.Granting("a=web")).Resolve(Make.Target(a, b), null, seen);
        Assert.Equal([(ActionKind.Create, Reason.NotInVault), (ActionKind.Refuse, Reason.AnotherNamespace)], granted.Select(Row));
        Assert.Equal(a, granted[0].Winner);
    }

    [Fact]
    public void A_certificate_with_a_malformed_source_has_no_owner_until_it_is_adopted_or_granted()
    {
        var ours = Make.Ours(Target, Facts);
        var forged = ours with { Tags = ours.Tags.SetItem("source", "shop") };
        Assert.Equal((ActionKind.Refuse, Reason.UnknownOwner), Row(new SyncPlanner(Make.Policy).Decide(Target, forged)));
        Assert.Equal(ActionKind.UpdateTags, Make.Resolve(Make.Policy with { Adopt = true }, Target, forged, Facts).Kind);
        Assert.Equal(ActionKind.UpdateTags, Make.Resolve(Make.Granting("shop=web"), Target, forged, Facts).Kind);
    }

    [Fact]
    public void Tags_copied_to_another_certificate_are_not_trusted()
    {
        var forged = Make.Ours(Target, Facts) with { Thumbprint = "ee", NotBefore = Make.Day0.AddDays(1) };
        Assert.Equal(ActionKind.Inspect, new SyncPlanner(Make.Policy).Decide(Target, forged).Kind);
        Assert.Equal((ActionKind.Refuse, Reason.OlderThanVault), Row(Make.Resolve(Make.Policy, Target, forged, Facts)));
        Assert.Equal(ActionKind.Renew, Make.Resolve(Make.Policy, Target, forged with { NotBefore = Make.Day0.AddDays(-1) }, Facts).Kind);
        Assert.Equal(ActionKind.Inspect, new SyncPlanner(Make.Policy).Decide(Target, forged with { Thumbprint = "" }).Kind);
    }

    [Fact]
    public void A_CA_certificate_is_skipped_unless_it_is_included()
    {
        var authority = Facts with { IsCertificateAuthority = true };
        Assert.Equal((ActionKind.Skip, Reason.CertificateAuthority), Row(Make.Resolve(Make.Policy, Target, null, authority)));
        Assert.Equal(ActionKind.Create, Make.Resolve(Make.Policy with { IncludeAuthorities = true }, Target, null, authority).Kind);
    }

    [Fact]
    public void A_soft_deleted_certificate_that_a_person_disabled_is_not_recovered()
    {
        var disabled = Make.Ours(Target, Facts) with { Enabled = false, IsDeleted = true };
        Assert.Equal((ActionKind.Keep, Reason.DisabledInVault), Row(new SyncPlanner(Make.Policy).Decide(Target, disabled)));
    }

    private static VaultCertificate Foreign(string whose) => whose switch
    {
        "someone" => Make.Foreign(Target, Facts, ("managed-by", "terraform"), ("cluster", Make.Cluster)),
        "nobody" => Make.Foreign(Target, Facts),
        "reference" => Make.Foreign(Target, Facts, ("SyncFrom", "cert-manager-key-vault-sync"), ("namespace", "shop")),
        _ => Make.Foreign(Target, Facts, ("managed-by", "clustertrust-certsync"), ("cluster", "green"), ("tag-version", "1")),
    };

    private static (ActionKind Kind, Reason Reason) Row(SyncAction action) => (action.Kind, action.Reason);
}
