using ClusterTrust.CertSync.Certificates;
using ClusterTrust.CertSync.Planning;
using static ClusterTrust.CertSync.Tests.Planning.Make;

namespace ClusterTrust.CertSync.Tests.Planning;

/// <summary>One Secret and what the vault has under its name.</summary>
public sealed class SyncPlannerTests
{
    private static readonly SyncTarget Web = Target();
    private static readonly CertificateFacts Leaf = Facts();
    private static readonly VaultCertificate Current = Ours(Web, Leaf);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("v2")]
    [InlineData("0")]
    [InlineData("99999999999")]
    [InlineData("")]
    public void A_certificate_with_an_unknown_tag_version_is_never_overwritten(string version) =>
        Assert.Equal((ActionKind.Refuse, Reason.LaterRelease), Decide(Policy with { Adopt = true }, Current with { Tags = Current.Tags.SetItem("tag-version", version) }));

    [Fact]
    public void A_missing_certificate_is_created_with_tags()
    {
        Assert.Equal((ActionKind.Inspect, Reason.NotInVault), Decide(Policy, null));
        var action = Resolve(Policy, Web, null, Leaf);

        Assert.Equal((ActionKind.Create, Reason.NotInVault), Row(action));
        Assert.Equal(
            [("chain-sha256", "c1"), ("cluster", "blue"), ("managed-by", "clustertrust-certsync"), ("source", "shop/web-tls"),
             ("source-uid", "uid-shop/web-tls"), ("source-version", "10"), ("tag-version", "1"), ("thumbprint", "aa")],
            action.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, tag.Value)));
    }

    [Fact]
    public void Same_source_version_is_unchanged_without_reading_the_Secret() =>
        Assert.Equal((ActionKind.Unchanged, Reason.SourceUnchanged), Decide(Policy, Current));

    [Fact]
    public void A_full_run_reads_unchanged_Secrets_too()
    {
        var full = Policy with { Full = true };
        Assert.Equal(ActionKind.Inspect, Decide(full, Current).Kind);
        Assert.Equal((ActionKind.Unchanged, Reason.SameCertificate), Row(Resolve(full, Web, Current, Leaf)));
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
        var action = Resolve(Policy, Target(Secret(version: version, uid: uid)), Current, Facts(thumbprint, issuedOnDay, days, chain: chain));

        Assert.Equal((kind, reason, kind == ActionKind.Renew), (action.Kind, action.Reason, action.Imports));
        if (action.Writes)
        {
            Assert.Equal((version, chain), (action.Tags["source-version"], action.Tags["chain-sha256"]));
        }
    }

    [Fact]
    public void An_older_certificate_is_refused_unless_allowed()
    {
        var moved = Target(Secret(version: "11"));
        var newer = Ours(Web, Facts("bb", issuedOnDay: 60));

        Assert.Equal((ActionKind.Refuse, Reason.OlderThanVault), Row(Resolve(Policy, moved, newer, Leaf)));
        Assert.Equal(ActionKind.Renew, Resolve(Policy with { AllowOlder = true }, moved, newer, Leaf).Kind);
    }

    [Theory]
    [InlineData("someone", Reason.NotOurs)]
    [InlineData("nobody", Reason.NotOurs)]
    [InlineData("reference", Reason.NotOurs)]
    [InlineData("green", Reason.AnotherCluster)]
    public void A_foreign_certificate_is_refused_and_taken_over_only_with_adopt(string whose, Reason reason)
    {
        var foreign = Foreign(whose);
        Assert.Equal((ActionKind.Refuse, reason), Decide(Policy, foreign));
        Assert.Equal((ActionKind.Refuse, reason), Decide(Policy, foreign with { IsDeleted = true }));

        var adopt = Policy with { Adopt = true };
        Assert.Equal(ActionKind.UpdateTags, Resolve(adopt, Web, foreign, Leaf).Kind);
        Assert.Equal(ActionKind.Renew, Resolve(adopt, Web, foreign, Facts("bb", issuedOnDay: 1)).Kind);
    }

    [Theory]
    [InlineData("green", "belongs to cluster 'green', not to '")]
    [InlineData(null, "has no tag cluster, so it is unknown whether it belongs to '")]
    [InlineData("", "has no tag cluster, so it is unknown whether it belongs to '")]
    public void The_sentence_says_whose_the_certificate_is(string? cluster, string sentence)
    {
        var tags = cluster is null ? Current.Tags.Remove("cluster") : Current.Tags.SetItem("cluster", cluster);

        Assert.Contains(sentence, new SyncPlanner(Policy).Decide(Web, Current with { Tags = tags }).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_soft_deleted_name_is_recovered_or_reported()
    {
        var deleted = Current with { IsDeleted = true };
        Assert.Equal((ActionKind.Recover, Reason.SoftDeleted), Row(Resolve(Policy, Web, deleted, Leaf)));
        Assert.Equal((ActionKind.Refuse, Reason.SoftDeleted), Decide(Policy with { Recover = false }, deleted));
    }

    [Fact]
    public void What_a_person_disabled_stays_disabled_and_what_pruning_disabled_comes_back()
    {
        var disabled = Current with { Enabled = false };
        Assert.Equal((ActionKind.Keep, Reason.DisabledInVault), Decide(Policy, disabled));
        Assert.Equal((ActionKind.Keep, Reason.DisabledInVault), Decide(Policy, disabled with { IsDeleted = true }));
        Assert.Equal(ActionKind.UpdateTags, Resolve(Policy, Web, disabled with { Tags = disabled.Tags.Add("pruned", "true") }, Leaf).Kind);
    }

    [Fact]
    public void A_certificate_with_a_malformed_source_has_no_owner_until_it_is_adopted_or_granted()
    {
        var forged = Current with { Tags = Current.Tags.SetItem("source", "shop") };
        Assert.Equal((ActionKind.Refuse, Reason.UnknownOwner), Decide(Policy, forged));
        Assert.Equal(ActionKind.UpdateTags, Resolve(Policy with { Adopt = true }, Web, forged, Leaf).Kind);
        Assert.Equal(ActionKind.UpdateTags, Resolve(Granting("shop=web"), Web, forged, Leaf).Kind);
    }

    [Fact]
    public void Tags_copied_to_another_certificate_are_not_trusted()
    {
        var forged = Current with { Thumbprint = "ee", NotBefore = Day0.AddDays(1) };
        Assert.Equal(ActionKind.Inspect, Decide(Policy, forged).Kind);
        Assert.Equal(ActionKind.Inspect, Decide(Policy, forged with { Thumbprint = "" }).Kind);
        Assert.Equal((ActionKind.Refuse, Reason.OlderThanVault), Row(Resolve(Policy, Web, forged, Leaf)));
        Assert.Equal(ActionKind.Renew, Resolve(Policy, Web, forged with { NotBefore = Day0.AddDays(-1) }, Leaf).Kind);
    }

    [Fact]
    public void A_CA_certificate_is_skipped_unless_it_is_included()
    {
        var authority = Leaf with { IsCertificateAuthority = true };
        Assert.Equal((ActionKind.Skip, Reason.CertificateAuthority), Row(Resolve(Policy, Web, null, authority)));
        Assert.Equal(ActionKind.Create, Resolve(Policy with { IncludeAuthorities = true }, Web, null, authority).Kind);
    }

    [Fact]
    public void A_line_has_the_warnings_of_the_certificate_that_it_is_about()
    {
        var action = Only(Plan(Policy, null, new Inspection(Secret(), Leaf) { Warnings = ["It is odd."] }));
        Assert.Equal((ActionKind.Create, "It is odd."), (action.Kind, Assert.Single(action.Warnings)));
    }

    private static (ActionKind Kind, Reason Reason) Decide(SyncPolicy policy, VaultCertificate? current) => Row(new SyncPlanner(policy).Decide(Web, current));
}
