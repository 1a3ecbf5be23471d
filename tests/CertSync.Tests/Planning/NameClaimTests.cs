using static ClusterTrust.CertSync.Tests.Planning.Make;

namespace ClusterTrust.CertSync.Tests.Planning;

/// <summary>Several Secrets, of one namespace or of several, that ask for one name.</summary>
public sealed class NameClaimTests
{
    private sealed record Claim(SyncPolicy Policy, VaultCertificate? Vault, Inspection[] Seen, string[] Lines, string Sentence = "");

    private static readonly TlsSecretRef Web = Secret();
    private static readonly TlsSecretRef Evil = Secret("evil/web-tls");
    private static readonly TlsSecretRef A = Secret("a/web-tls", version: "1");
    private static readonly TlsSecretRef B = Secret("b/web-tls", version: "2");
    private static readonly TlsSecretRef ShopA = Secret("shop/a");
    private static readonly TlsSecretRef ShopB = Secret("shop/b");
    private static readonly TlsSecretRef NextA = ShopA with { ResourceVersion = "11" };
    private static readonly TlsSecretRef NextB = ShopB with { ResourceVersion = "11" };
    private static readonly CertificateFacts Leaf = Facts();
    private static readonly CertificateFacts Newer = Facts("bb", 30);
    private static readonly SyncPolicy Adopt = Policy with { Adopt = true };
    private static readonly VaultCertificate Current = Ours(Target(), Leaf);
    private static readonly VaultCertificate Deleted = Current with { IsDeleted = true };
    private static readonly VaultCertificate Shared = Ours(Target(Web, A), Leaf);
    private static readonly string[] IsRefused = ["Refuse AnotherNamespace evil/web-tls"];
    private static readonly string[] Second = ["Create NotInVault shop/a,shop/b by shop/b", "Skip Superseded shop/a"];

    private static readonly Dictionary<string, Claim> Claims = new()
    {
        ["what is adopted from the other tool belongs to the namespace that it came from"] = new(Adopt, Foreign("reference"), [new(Evil, Facts("ee", 60)), new(Web, Newer)],
            ["Renew NewerInCluster shop/web-tls", .. IsRefused]),
        ["what is adopted goes to the namespace that has its private key"] = new(Adopt, Foreign("nobody"), [new(Evil, Facts("ee", 60)), new(Web, Leaf)],
            ["Renew ChainChanged shop/web-tls", .. IsRefused]),
        ["its private key counts although another Secret cannot be read"] = new(Adopt, Foreign("nobody"), [Without(Evil, Reason.SecretUnreadable), new(Web, Leaf)],
            ["Renew ChainChanged shop/web-tls", "Fail SecretUnreadable evil/web-tls"]),

        ["two Secrets with one certificate make one import"] = new(Policy, null, [new(A, Leaf), new(B, Leaf)], ["Create NotInVault a/web-tls,b/web-tls by a/web-tls"]),
        ["an import from two Secrets is unchanged for both"] = new(Policy, Ours(Target(A, B), Leaf), [new(A, Leaf), new(B, Leaf)], ["Unchanged SourceUnchanged a/web-tls,b/web-tls"]),
        ["the oldest of several copies owns a new name"] = new(
            Policy, null, [new(A with { CreatedAt = Day0.AddSeconds(1) }, Leaf), new(Web with { CreatedAt = Day0 }, Leaf)],
            ["Create NotInVault shop/web-tls,a/web-tls by shop/web-tls"]),
        ["the owner's Secret is named first whatever the others' names"] = new(Policy, Shared, [new(A, Leaf), new(Web, Leaf)], ["Unchanged SourceUnchanged shop/web-tls,a/web-tls"]),
        ["the owner's Secret is named first under a disabled name"] = new(
            Policy, Shared with { Enabled = false }, [new(A, Leaf), new(Web, Leaf)], ["Keep DisabledInVault shop/web-tls,a/web-tls"]),

        // A Certificate with another secretName leaves its earlier Secret behind, which may be valid longer: lifetimes become shorter.
        ["of two renewals in one namespace the one issued last wins"] = new(Policy, null, [new(ShopA, Leaf), new(ShopB, Newer)], Second),
        ["the one issued last wins although it ends sooner"] = new(Policy, null, [new(ShopA, Leaf), new(ShopB, Facts("bb", 30, 10))], Second),
        ["the one issued last wins although its issuer is another"] = new(Policy, null, [new(ShopA, Leaf), new(ShopB, Facts("bb", 30, issuer: "CN=R4"))], Second),
        ["other names are no renewal"] = new(Policy, null, [new(ShopA, Leaf), new(ShopB, Facts("bb", 30, names: "other.example.com"))], ["Refuse ConflictingSources shop/a,shop/b"], "shop/a and shop/b"),
        ["another Certificate's of another issuer is no renewal"] = new(Policy, null, [new(ShopA, Leaf), new(Secret("shop/b", "web-2"), Facts("bb", 30, issuer: "CN=Another CA"))],
            ["Refuse ConflictingSources shop/a,shop/b"], "shop/a and shop/b"),
        ["nor one of another issuer without a Certificate"] = new(
            Policy, null, [new(Secret("shop/a", ""), Leaf), new(Secret("shop/b", ""), Facts("bb", 30, issuer: "CN=Another CA"))],
            ["Refuse ConflictingSources shop/a,shop/b"], "shop/a and shop/b"),

        // Which of several Secrets the vault's certificate was made from is not in its tags, and an earlier one must not come back while the other has none.
        ["the single Secret that a certificate was made from may be followed by one issued earlier"] = new(
            Policy, Ours(Target(ShopA), Facts("bb", 1)), [new(NextA, Leaf)], ["Renew NewerInCluster shop/a"]),
        ["one of two that it was made from may not"] = new(Policy, Ours(Target(ShopA, ShopB), Facts("bb", 1)), [new(NextA, Leaf), Without(NextB, Reason.IssuancePending)],
            ["Refuse OlderThanVault shop/a", "Skip IssuancePending shop/b"]),

        ["a Secret that is known to have no certificate does not stop the other one"] = new(
            Policy, null, [Without(Evil, Reason.IssuancePending), new(Web, Leaf)], ["Create NotInVault shop/web-tls", "Skip IssuancePending evil/web-tls"], "why"),
        ["a temporary certificate does not stop the other one"] = new(
            Policy, null, [Without(Evil, Reason.TemporaryCertificate), new(Web, Leaf)], ["Create NotInVault shop/web-tls", "Skip TemporaryCertificate evil/web-tls"], "why"),
        ["a Secret that is gone does not stop the other one"] = new(
            Policy, null, [Without(Evil, Reason.SecretGone), new(Web, Leaf)], ["Create NotInVault shop/web-tls", "Skip SecretGone evil/web-tls"], "why"),
        ["an invalid certificate does not stop the other one"] = new(
            Policy, null, [Without(Evil, Reason.InvalidCertificate), new(Web, Leaf)], ["Create NotInVault shop/web-tls", "Refuse InvalidCertificate evil/web-tls"], "why"),
        ["a Secret that could not be read blocks the name"] = new(
            Policy, null, [Without(A, Reason.SecretUnreadable), new(B, Leaf)], ["Fail SecretUnreadable b/web-tls", "Fail SecretUnreadable a/web-tls"], "a/web-tls, which"),
        ["a Secret that failed in an unexpected way blocks the name"] = new(
            Policy, null, [Without(A, Reason.Unexpected), new(B, Leaf)], ["Fail SecretUnreadable b/web-tls", "Fail Unexpected a/web-tls"], "a/web-tls, which"),
        ["a Secret with an unknown reason blocks the name"] = new(
            Policy, null, [Without(A, (Reason)9999), new(B, Leaf)], ["Fail SecretUnreadable b/web-tls", "Refuse 9999 a/web-tls"], "a/web-tls, which"),
        ["another namespace's unreadable Secret does not block the owner"] = new(
            Policy, Current, [Without(Evil, Reason.SecretUnreadable), new(Web, Newer)], ["Renew NewerInCluster shop/web-tls", "Fail SecretUnreadable evil/web-tls"]),

        ["another namespace's newer certificate is refused"] = new(
            Policy, Current, [new(Evil, Facts("ee", 30)), new(Secret(version: "11"), Leaf)], ["UpdateTags SourceMoved shop/web-tls", .. IsRefused], "belongs to namespace shop"),
        ["another namespace's certificate that is valid longer is refused"] = new(
            Policy, Current, [new(Evil, Facts("ee", 0, 900)), new(Secret(version: "11"), Leaf)], ["UpdateTags SourceMoved shop/web-tls", .. IsRefused], "belongs to namespace shop"),
        ["another namespace's older certificate is refused"] = new(
            Policy, Current, [new(Evil, Facts("ee", -10, 10)), new(Secret(version: "11"), Leaf)], ["UpdateTags SourceMoved shop/web-tls", .. IsRefused], "belongs to namespace shop"),
        ["the name stays with its namespace when its Secret is gone"] = new(Policy, Current, [new(Evil, Newer)], IsRefused),
        ["the name stays although --adopt and --allow-older are set"] = new(Adopt with { AllowOlder = true }, Current, [new(Evil, Newer)], IsRefused),
        ["the name may be granted to another namespace"] = new(Granting("evil=we"), Current, [new(Evil, Newer)], ["Renew NewerInCluster evil/web-tls"]),
        ["the name stays with its namespace when it is soft-deleted"] = new(Policy, Deleted, [new(Evil, Newer)], IsRefused),
        ["nor does another namespace get it that has the soft-deleted certificate"] = new(Policy, Deleted, [new(Evil, Leaf)], IsRefused, "evil/web-tls has the certificate that is soft-deleted there"),
        ["nor one that has what pruning disabled"] = new(Policy, Current with { Enabled = false, Tags = Current.Tags.Add("pruned", "true") }, [new(Evil, Leaf)], IsRefused, "evil/web-tls has the certificate that is disabled there"),
        ["a soft-deleted name stays although --adopt and --allow-older are set"] = new(Adopt with { AllowOlder = true }, Deleted, [new(Evil, Newer)], IsRefused),
        ["a soft-deleted name may be granted to another namespace"] = new(Granting("evil=we"), Deleted, [new(Evil, Newer)], ["Recover SoftDeleted evil/web-tls"]),
        ["another Secret of the same namespace may renew the name"] = new(Policy, Current, [new(Secret("shop/new-tls"), Newer)], ["Renew NewerInCluster shop/new-tls"]),

        ["other namespaces may hold the very same certificate"] = new(
            Policy, Current, [new(A, Leaf), new(Web, Leaf)], ["UpdateTags SourceMoved shop/web-tls,a/web-tls by shop/web-tls"]),
        ["the very same certificate is superseded when the owner's is renewed"] = new(
            Policy with { Full = true }, Shared, [new(A, Leaf), new(Web, Newer)], ["Renew NewerInCluster shop/web-tls", "Skip Superseded a/web-tls"]),
        ["with the same certificate they do not become owners"] = new(Policy, Shared, [new(A, Facts("cc", 60))], ["Refuse AnotherNamespace a/web-tls"]),
        ["the same certificate alone is skipped"] = new(Policy, Shared, [new(A, Leaf)], ["Skip SameCertificate a/web-tls"]),
        ["of two namespaces that request a new name neither gets it"] = new(
            Policy, null, [new(A, Leaf), new(B, Newer)], ["Refuse ConflictingSources a/web-tls,b/web-tls"], "a/web-tls and b/web-tls"),
        ["of two namespaces the one with a grant gets it"] = new(
            Granting("a=web"), null, [new(A, Leaf), new(B, Newer)], ["Create NotInVault a/web-tls", "Refuse AnotherNamespace b/web-tls"]),
    };

    /// <summary>The lines are action, reason and Secrets, the owner's first; and of several Secrets the one whose certificate is written.</summary>
    [Fact]
    public void A_name_goes_to_whom_it_belongs_and_every_other_is_told_why_not() => Assert.All(Claims, static row =>
    {
        var (policy, current, seen, lines, sentence) = row.Value;
        var actions = Plan(policy, current, seen);
        Assert.Equal(lines, actions.Select(static action =>
            $"{action.Kind} {action.Reason} {action.Secrets}{(action is { Writes: true, Sources.Length: > 1 } ? $" by {action.Winner}" : "")}"));
        Assert.Contains(actions, action => action.Sentence.Contains(sentence, StringComparison.Ordinal));
        Assert.All(actions.Where(static action => action.Writes), static action => Assert.Equal(
            (action.Secrets, string.Join(',', action.Sources.Select(static secret => secret.ResourceVersion))), (action.Tags["source"], action.Tags["source-version"])));
    });

    [Fact]
    public void Names_that_map_to_the_same_one_are_refused()
    {
        var (a, b) = (Secret("shop/a", "we.b"), Secret("shop/b", "we-b"));
        var action = Only(new SyncPlanner(Policy).Resolve(Resolver().Resolve([a, b]).Targets.Single(), null, [new(a, Leaf), new(b, Leaf)]));
        Assert.Equal((ActionKind.Refuse, Reason.NameCollision), Row(action));
        Assert.Contains("we-b and we.b", action.Sentence, StringComparison.Ordinal);
        Assert.Contains("shop/a and shop/b", action.Sentence, StringComparison.Ordinal);
    }

    /// <summary>The first namespace to use a name owns it, so none may use it while another that requests it could not be listed.</summary>
    [Fact]
    public void A_namespace_that_could_not_be_listed_keeps_its_name_from_others_until_the_name_has_an_owner()
    {
        var target = Target() with { Unlisted = ["victim"] };
        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Resolve(Policy, target, null, Leaf)));
        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Resolve(Adopt, target, Foreign("nobody"), Newer)));
        Assert.Equal((ActionKind.Fail, Reason.NamespaceUnreadable), Row(Resolve(Granting("shop=web", "victim=web"), target, null, Leaf)));
        Assert.Equal(ActionKind.Renew, Resolve(Adopt, target, Foreign("nobody"), Leaf).Kind);
        Assert.Equal(ActionKind.Renew, Resolve(Policy with { Full = true }, target, Current, Newer).Kind);
        Assert.Equal(ActionKind.Create, Resolve(Granting("shop=web"), target, null, Leaf).Kind);
    }

    private static Inspection Without(TlsSecretRef secret, Reason reason) => Inspection.Without(secret, reason, "why");
}
