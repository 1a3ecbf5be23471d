using static ClusterTrust.CertSync.Tests.Planning.Make;

namespace ClusterTrust.CertSync.Tests.Planning;

/// <summary>One Secret and what the vault has under its name.</summary>
public sealed class SyncPlannerTests
{
    private static readonly SyncTarget Web = Target();
    private static readonly CertificateFacts Leaf = Facts();
    private static readonly VaultCertificate Current = Ours(Web, Leaf);
    private static readonly VaultCertificate Deleted = Current with { IsDeleted = true };
    private static readonly VaultCertificate Disabled = Current with { Enabled = false };
    private static readonly VaultCertificate OfUnknownOwner = Tagged("source", "shop");

    /// <summary>The tags of <see cref="Current"/> on another certificate, which was issued later.</summary>
    private static readonly VaultCertificate WithCopiedTags = Current with { Thumbprint = "ee", NotBefore = Day0.AddDays(1) };

    private static readonly SyncPolicy Adopt = Policy with { Adopt = true };
    private static readonly SyncPolicy Full = Policy with { Full = true };

    private static readonly Dictionary<string, (SyncPolicy Policy, VaultCertificate? Vault, ActionKind Kind, Reason Reason)> ByMetadata = new()
    {
        ["nothing"] = (Policy, null, ActionKind.Inspect, Reason.NotInVault),
        ["the same source version"] = (Policy, Current, ActionKind.Unchanged, Reason.SourceUnchanged),
        ["the same source version in a full run"] = (Full, Current, ActionKind.Inspect, Reason.SourceChanged),
        ["copied tags"] = (Policy, WithCopiedTags, ActionKind.Inspect, Reason.SourceChanged),
        ["copied tags on a certificate of unknown thumbprint"] = (Policy, WithCopiedTags with { Thumbprint = "" }, ActionKind.Inspect, Reason.SourceChanged),
        ["one that a person disabled"] = (Policy, Disabled, ActionKind.Keep, Reason.DisabledInVault),
        ["a deleted one with --no-recover"] = (Policy with { Recover = false }, Deleted, ActionKind.Refuse, Reason.SoftDeleted),
        ["one whose owner is unknown"] = (Policy, OfUnknownOwner, ActionKind.Refuse, Reason.UnknownOwner),
        ["tag-version 1.1"] = (Adopt, Tagged("tag-version", "1.1"), ActionKind.Refuse, Reason.LaterRelease),
        ["tag-version 2"] = (Adopt, Tagged("tag-version", "2"), ActionKind.Refuse, Reason.LaterRelease),
        ["an empty tag-version"] = (Adopt, Tagged("tag-version", ""), ActionKind.Refuse, Reason.LaterRelease),
    };

    private static readonly Dictionary<string, (SyncPolicy Policy, VaultCertificate? Vault, CertificateFacts Secret, ActionKind Kind, Reason Reason)> WithTheSecret = new()
    {
        ["nothing in the vault"] = (Policy, null, Leaf, ActionKind.Create, Reason.NotInVault),
        ["the same certificate in a full run"] = (Full, Current, Leaf, ActionKind.Unchanged, Reason.SameCertificate),
        ["one issued earlier"] = (Full, Ours(Web, Facts("bb", issuedOnDay: 60)), Leaf, ActionKind.Refuse, Reason.OlderThanVault),
        ["one issued earlier with --allow-older"] = (Full with { AllowOlder = true }, Ours(Web, Facts("bb", issuedOnDay: 60)), Leaf, ActionKind.Renew, Reason.NewerInCluster),
        ["an older one than that with copied tags"] = (Policy, WithCopiedTags, Leaf, ActionKind.Refuse, Reason.OlderThanVault),
        ["a newer one than that with copied tags"] = (Policy, WithCopiedTags with { NotBefore = Day0.AddDays(-1) }, Leaf, ActionKind.Renew, Reason.NewerInCluster),
        ["an older one with 7 tags of others"] = (Full, WithTagsOfOthers(7), Leaf, ActionKind.Renew, Reason.NewerInCluster),
        ["an older one with 8 tags of others"] = (Full, WithTagsOfOthers(8), Leaf, ActionKind.Refuse, Reason.VaultRejected),
        ["a deleted name"] = (Policy, Deleted, Leaf, ActionKind.Recover, Reason.SoftDeleted),
        ["one that pruning disabled"] = (Policy, Tagged("pruned", "true") with { Enabled = false }, Leaf, ActionKind.UpdateTags, Reason.SourceMoved),
        ["one whose owner is unknown with --adopt"] = (Adopt, OfUnknownOwner, Leaf, ActionKind.UpdateTags, Reason.SourceMoved),
        ["one whose chain is unknown"] = (Policy, Current with { Tags = Current.Tags.Remove("chain-sha256") }, Leaf, ActionKind.Renew, Reason.ChainChanged),
        ["one whose owner is unknown and a grant"] = (Granting("shop=web"), OfUnknownOwner, Leaf, ActionKind.UpdateTags, Reason.SourceMoved),
        ["a CA certificate"] = (Policy, null, Leaf with { IsCertificateAuthority = true }, ActionKind.Skip, Reason.CertificateAuthority),
        ["a CA certificate with --include-ca"] = (Policy with { IncludeAuthorities = true }, null, Leaf with { IsCertificateAuthority = true }, ActionKind.Create, Reason.NotInVault),
    };

    [Fact]
    public void Metadata_alone_decides_or_the_Secret_has_to_be_read() => Assert.All(ByMetadata, static row =>
        Assert.Equal((row.Value.Kind, row.Value.Reason), Decide(row.Value.Policy, row.Value.Vault)));

    [Fact]
    public void What_a_person_disabled_and_deleted_stays_so() =>
        Assert.Contains("stays disabled; recover and enable it there", new SyncPlanner(Policy).Decide(Web, Disabled with { IsDeleted = true }).Sentence, StringComparison.Ordinal);

    [Fact]
    public void A_Secret_that_was_read_is_compared_with_the_vault() => Assert.All(WithTheSecret, static row =>
        Assert.Equal((row.Value.Kind, row.Value.Reason), Row(Resolve(row.Value.Policy, Web, row.Value.Vault, row.Value.Secret))));

    [Theory]
    [InlineData("11", "uid-shop/web-tls", "aa", 0, 90, "c1", ActionKind.UpdateTags, Reason.SourceMoved)]
    [InlineData("10", "another-uid", "aa", 0, 90, "c1", ActionKind.UpdateTags, Reason.SourceMoved)]
    [InlineData("11", "uid-shop/web-tls", "aa", 0, 90, "c2", ActionKind.Renew, Reason.ChainChanged)]
    [InlineData("11", "uid-shop/web-tls", "bb", 60, 90, "c1", ActionKind.Renew, Reason.NewerInCluster)]
    [InlineData("11", "uid-shop/web-tls", "bb", 60, 10, "c1", ActionKind.Renew, Reason.NewerInCluster)]
    [InlineData("11", "uid-shop/web-tls", "bb", 0, 91, "c1", ActionKind.Renew, Reason.NewerInCluster)]
    [InlineData("11", "another-uid", "bb", 0, 89, "c1", ActionKind.Refuse, Reason.OlderThanVault)]
    [InlineData("11", "another-uid", "bb", -1, 90, "c1", ActionKind.Refuse, Reason.OlderThanVault)]
    [InlineData("11", "uid-shop/web-tls", "bb", 0, 89, "c1", ActionKind.Renew, Reason.NewerInCluster)]
    [InlineData("11", "uid-shop/web-tls", "bb", -1, 90, "c1", ActionKind.Renew, Reason.NewerInCluster)]
    [InlineData("11", "uid-shop/web-tls", "bb", -2, 90, "c1", ActionKind.Refuse, Reason.OlderThanVault)]
    public void A_Secret_that_changed_is_written_with_its_tags_unless_it_is_older(string version, string uid, string thumbprint, int issuedOnDay, int days, string chain, ActionKind kind, Reason reason)
    {
        var action = Resolve(Policy, Target(Secret(version: version, uid: uid)), Current, Facts(thumbprint, issuedOnDay, days, chain: chain));
        Assert.Equal((kind, reason, kind == ActionKind.Renew), (action.Kind, action.Reason, action.Imports));
        if (action.Writes)
        {
            Assert.Equal((version, chain), (action.Tags["source-version"], action.Tags["chain-sha256"]));
        }
    }

    [Fact]
    public void A_missing_certificate_is_created_with_tags() => Assert.Equal(
        [("chain-sha256", "c1"), ("cluster", "blue"), ("managed-by", "clustertrust-certsync"), ("source", "shop/web-tls"),
         ("source-uid", "uid-shop/web-tls"), ("source-version", "10"), ("tag-version", "1"), ("thumbprint", "aa")],
        Resolve(Policy, Web, null, Leaf).Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, tag.Value)));

    [Theory]
    [InlineData("someone", Reason.NotOurs, Reason.ChainChanged)]
    [InlineData("nobody", Reason.NotOurs, Reason.ChainChanged)]
    [InlineData("reference", Reason.NotOurs, Reason.SourceMoved)]
    [InlineData("green", Reason.AnotherCluster, Reason.ChainChanged)]
    public void A_foreign_certificate_is_refused_and_taken_over_only_with_adopt(string whose, Reason reason, Reason ofTheSameLeaf)
    {
        var foreign = Foreign(whose);
        Assert.Equal((ActionKind.Refuse, reason), Decide(Policy, foreign));
        Assert.Equal((ActionKind.Refuse, reason), Decide(Policy, foreign with { IsDeleted = true }));
        Assert.Equal(ofTheSameLeaf, Resolve(Adopt, Web, foreign, Leaf).Reason);
        Assert.Equal(ActionKind.Renew, Resolve(Adopt, Web, foreign, Facts("bb", issuedOnDay: 1)).Kind);
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
    public void A_line_has_the_warnings_of_the_certificate_that_it_is_about()
    {
        var action = Only(Plan(Policy, null, new Inspection(Secret(), Leaf) { Warnings = ["It is odd."] }));
        Assert.Equal((ActionKind.Create, "It is odd."), (action.Kind, Assert.Single(action.Warnings)));
    }

    private static (ActionKind Kind, Reason Reason) Decide(SyncPolicy policy, VaultCertificate? current) => Row(new SyncPlanner(policy).Decide(Web, current));

    private static VaultCertificate WithTagsOfOthers(int count) => Ours(Web, Facts("bb", issuedOnDay: -60)) with { MoreTags = count };

    private static VaultCertificate Tagged(string tag, string value) => Current with { Tags = Current.Tags.SetItem(tag, value) };
}
