using static ClusterTrust.CertSync.Tests.Planning.Make;

namespace ClusterTrust.CertSync.Tests.Planning;

/// <summary>Several Secrets, of one namespace or of several, that ask for one name.</summary>
public sealed class NameClaimTests
{
    private static readonly TlsSecretRef Web = Secret();
    private static readonly TlsSecretRef Evil = Secret("evil/web-tls");
    private static readonly TlsSecretRef A = Secret("a/web-tls", version: "1");
    private static readonly TlsSecretRef B = Secret("b/web-tls", version: "2");
    private static readonly CertificateFacts Leaf = Facts();
    private static readonly CertificateFacts Newer = Facts("bb", 30);
    private static readonly VaultCertificate Current = Ours(Target(), Leaf);

    [Fact]
    public void What_is_adopted_from_the_other_tool_belongs_to_the_namespace_that_it_came_from()
    {
        var actions = Plan(Policy with { Adopt = true }, Foreign("reference"), new(Evil, Facts("ee", 60)), new(Web, Newer));
        Assert.Equal([(ActionKind.Renew, Reason.NewerInCluster), (ActionKind.Refuse, Reason.AnotherNamespace)], actions.Select(Row));
        Assert.Equal(Web, actions[0].Winner);
    }

    [Fact]
    public void What_is_adopted_goes_to_the_namespace_that_has_its_private_key_whatever_others_have()
    {
        var (adopt, foreign) = (Policy with { Adopt = true }, Foreign("nobody"));
        Assert.Equal(
            [(ActionKind.Renew, Reason.ChainChanged), (ActionKind.Refuse, Reason.AnotherNamespace)],
            Plan(adopt, foreign, new(Evil, Facts("ee", 60)), new(Web, Leaf)).Select(Row));
        Assert.Equal(
            [(ActionKind.Renew, Reason.ChainChanged), (ActionKind.Fail, Reason.SecretUnreadable)],
            Plan(adopt, foreign, Inspection.Without(Evil, Reason.SecretUnreadable, "why"), new(Web, Leaf)).Select(Row));
    }

    [Fact]
    public void Two_Secrets_with_one_certificate_make_one_import_that_names_both()
    {
        var action = Only(Plan(Policy, null, new(A, Leaf), new(B, Leaf)));
        Assert.Equal(("a/web-tls,b/web-tls", "1,2"), (action.Tags["source"], action.Tags["source-version"]));
        Assert.Equal(ActionKind.Unchanged, new SyncPlanner(Policy).Decide(Target(A, B), Ours(Target(A, B), Leaf)).Kind);
    }

    [Theory]
    [InlineData(true, ActionKind.Unchanged)]
    [InlineData(false, ActionKind.Keep)]
    public void The_owners_Secret_is_named_first_whatever_the_others_names(bool isEnabled, ActionKind kind)
    {
        var current = Ours(Target(Web, A), Leaf) with { Enabled = isEnabled };
        var action = new SyncPlanner(Policy).Decide(Target(A, Web), current);
        Assert.Equal((kind, "shop/web-tls,a/web-tls"), (action.Kind, action.Secrets));
    }

    [Fact]
    public void The_oldest_of_several_copies_owns_a_new_name()
    {
        var original = Web with { CreatedAt = Day0 };
        var copy = A with { CreatedAt = Day0.AddSeconds(1) };
        Assert.Equal("shop/web-tls,a/web-tls", Only(Plan(Policy, null, new(copy, Leaf), new(original, Leaf))).Tags["source"]);
    }

    /// <summary>A Certificate with another secretName leaves its earlier Secret behind, which may be valid longer: lifetimes become shorter.</summary>
    [Theory]
    [InlineData(90, "CN=R3")]
    [InlineData(10, "CN=R3")]
    [InlineData(90, "CN=R4")]
    public void Of_two_renewals_for_the_same_names_in_one_namespace_the_one_issued_last_wins(int days, string issuer)
    {
        var (a, b) = (Secret("shop/a"), Secret("shop/b"));
        var actions = Plan(Policy, null, new(a, Leaf), new(b, Facts("bb", 30, days, issuer: issuer)));
        Assert.Equal([(ActionKind.Create, Reason.NotInVault), (ActionKind.Skip, Reason.Superseded)], actions.Select(Row));
        Assert.Equal((b, a), (actions[0].Winner, actions[1].Sources.Single()));
    }

    /// <summary>Which of several Secrets the vault's certificate was made from is not in its tags, and an earlier one must not come back while the other has none.</summary>
    [Theory]
    [InlineData(true, ActionKind.Refuse, Reason.OlderThanVault)]
    [InlineData(false, ActionKind.Renew, Reason.NewerInCluster)]
    public void Only_the_single_Secret_that_a_certificate_was_made_from_may_be_followed_by_one_issued_earlier(bool isOneOfTwo, ActionKind kind, Reason reason)
    {
        var (a, b) = (Secret("shop/a"), Secret("shop/b"));
        var current = Ours(isOneOfTwo ? Target(a, b) : Target(a), Facts("bb", 1));
        Inspection[] pending = isOneOfTwo ? [Inspection.Without(b with { ResourceVersion = "11" }, Reason.IssuancePending, "why")] : [];
        Assert.Equal((kind, reason), Row(Plan(Policy, current, [new(a with { ResourceVersion = "11" }, Leaf), .. pending])[0]));
    }

    [Theory]
    [InlineData("web", "other.example.com", "CN=R3")]
    [InlineData("web-2", "web.example.com", "CN=Another CA")]
    [InlineData("", "web.example.com", "CN=Another CA")]
    public void Unrelated_certificates_for_one_name_are_refused_with_both_named(string certificate, string names, string issuer)
    {
        var action = Only(Plan(Policy, null, new(Secret("shop/a", certificate == "" ? "" : "web"), Leaf), new(Secret("shop/b", certificate), Facts("bb", 30, names: names, issuer: issuer))));
        Assert.Equal((ActionKind.Refuse, Reason.ConflictingSources), Row(action));
        Assert.Contains("shop/a and shop/b", action.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_map_to_the_same_one_are_refused()
    {
        var (a, b) = (Secret("shop/a", "we.b"), Secret("shop/b", "we-b"));
        var target = Resolver().Resolve([a, b]).Targets.Single();
        var action = Only(new SyncPlanner(Policy).Resolve(target, null, [new(a, Leaf), new(b, Leaf)]));
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
        var actions = Plan(Policy, null, Inspection.Without(Evil, reason, "why"), new(Web, Leaf));
        Assert.Equal([(ActionKind.Create, Reason.NotInVault), (kind, reason)], actions.Select(Row));
        Assert.Equal(("shop/web-tls", "why", Evil), (actions[0].Tags["source"], actions[1].Sentence, actions[1].Sources.Single()));
    }

    /// <summary>The first to fill a name owns it, so nobody may fill it while another who asks for it is not seen.</summary>
    [Fact]
    public void A_namespace_that_could_not_be_listed_keeps_its_name_from_others_until_the_name_has_an_owner()
    {
        var target = Target() with { Unlisted = ["victim"] };
        var foreign = Foreign("nobody");
        var adopt = Policy with { Adopt = true };
        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Resolve(Policy, target, null, Leaf)));
        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Resolve(adopt, target, foreign, Newer)));
        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Resolve(Granting("shop=web", "victim=web"), target, null, Leaf)));
        Assert.Equal(ActionKind.Renew, Resolve(adopt, target, foreign, Leaf).Kind);
        Assert.Equal(ActionKind.Renew, Resolve(Policy with { Full = true }, target, Current, Newer).Kind);
        Assert.Equal(ActionKind.Create, Resolve(Granting("shop=web"), target, null, Leaf).Kind);
    }

    [Theory]
    [InlineData(Reason.SecretUnreadable)]
    [InlineData(Reason.Unexpected)]
    [InlineData((Reason)9999)]
    public void A_Secret_that_could_not_be_read_blocks_the_name(Reason reason)
    {
        var actions = Plan(Policy, null, Inspection.Without(A, reason, "why"), new(B, Leaf));
        Assert.DoesNotContain(actions, static action => action.Writes);
        Assert.Equal((ActionKind.Fail, Reason.SecretUnreadable), Row(actions[0]));
        Assert.Contains("a/web-tls", actions[0].Sentence, StringComparison.Ordinal);
        Assert.Equal([B, A], actions.Select(static action => action.Sources.Single()));
    }

    [Fact]
    public void A_Secret_of_another_namespace_that_cannot_be_read_does_not_block_the_owner()
    {
        var actions = Plan(Policy, Current, Inspection.Without(Evil, Reason.SecretUnreadable, "why"), new(Web, Newer));
        Assert.Equal([(ActionKind.Renew, Reason.NewerInCluster), (ActionKind.Fail, Reason.SecretUnreadable)], actions.Select(Row));
        Assert.Equal("shop/web-tls", actions[0].Tags["source"]);
    }

    [Theory]
    [InlineData(30, 90)]
    [InlineData(0, 900)]
    [InlineData(-10, 10)]
    public void Another_namespaces_different_certificate_is_refused_whatever_its_validity(int issuedOnDay, int days)
    {
        var actions = Plan(Policy, Current, new(Evil, Facts("ee", issuedOnDay, days)), new(Secret(version: "11"), Leaf));
        Assert.Equal([(ActionKind.UpdateTags, Reason.SourceMoved), (ActionKind.Refuse, Reason.AnotherNamespace)], actions.Select(Row));
        Assert.Equal(("shop/web-tls", Evil), (actions[0].Tags["source"], actions[1].Sources.Single()));
        Assert.Contains("belongs to namespace shop", actions[1].Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void The_name_stays_with_its_namespace_when_its_Secret_is_gone_also_soft_deleted(bool isDeleted)
    {
        var current = Current with { IsDeleted = isDeleted };
        Assert.Equal((ActionKind.Refuse, Reason.AnotherNamespace), Row(Resolve(Policy, Target(Evil), current, Newer)));
        Assert.Equal((ActionKind.Refuse, Reason.AnotherNamespace), Row(Resolve(Policy with { Adopt = true, AllowOlder = true }, Target(Evil), current, Newer)));

        var granted = Resolve(Granting("evil=we"), Target(Evil), current, Newer);
        Assert.Equal((isDeleted ? ActionKind.Recover : ActionKind.Renew, "evil/web-tls"), (granted.Kind, granted.Tags["source"]));
    }

    [Fact]
    public void Another_Secret_of_the_same_namespace_may_renew_the_name() =>
        Assert.Equal(ActionKind.Renew, Resolve(Policy, Target(Secret("shop/new-tls")), Current, Newer).Kind);

    [Fact]
    public void Other_namespaces_may_hold_the_very_same_certificate_and_do_not_become_its_owners()
    {
        var action = Only(Plan(Policy, Current, new(A, Leaf), new(Web, Leaf)));
        Assert.Equal((ActionKind.UpdateTags, "shop/web-tls,a/web-tls"), (action.Kind, action.Tags["source"]));

        var current = Current with { Tags = action.Tags };
        Assert.Equal(ActionKind.Unchanged, new SyncPlanner(Policy).Decide(Target(A, Web), current).Kind);
        var renewed = Plan(Policy with { Full = true }, current, new(A, Leaf), new(Web, Newer));
        Assert.Equal([(ActionKind.Renew, Reason.NewerInCluster), (ActionKind.Skip, Reason.Superseded)], renewed.Select(Row));
        Assert.Equal("shop/web-tls", renewed[0].Tags["source"]);
        Assert.Equal((ActionKind.Skip, Reason.SameCertificate), Row(Resolve(Policy, Target(A), current, Leaf)));
        Assert.Equal((ActionKind.Refuse, Reason.AnotherNamespace), Row(Resolve(Policy, Target(A), current, Facts("cc", 60))));
    }

    [Fact]
    public void Of_two_namespaces_that_request_a_new_name_neither_gets_it()
    {
        var action = Only(Plan(Policy, null, new(A, Leaf), new(B, Newer)));
        Assert.Equal((ActionKind.Refuse, Reason.ConflictingSources), Row(action));
        Assert.Contains("a/web-tls and b/web-tls", action.Sentence, StringComparison.Ordinal);
        Assert.Equal(["a/web-tls", "b/web-tls"], action.Sources.Select(static source => source.Source));

        var granted = Plan(Granting("a=web"), null, new(A, Leaf), new(B, Newer));
        Assert.Equal([(ActionKind.Create, Reason.NotInVault), (ActionKind.Refuse, Reason.AnotherNamespace)], granted.Select(Row));
        Assert.Equal(A, granted[0].Winner);
    }
}
