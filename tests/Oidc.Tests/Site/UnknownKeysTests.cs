using System.Text.Json.Nodes;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Issuer;
using ClusterTrust.Oidc.Site;
using CsCheck;
using static ClusterTrust.Oidc.Tests.Issuer.TestKeys;
using static ClusterTrust.Oidc.Tests.Site.SitePlanTests;

namespace ClusterTrust.Oidc.Tests.Site;

/// <summary>Somebody who can write to the repository, but is not this job.</summary>
public sealed class UnknownKeysTests
{
    private static readonly JsonWebKey Rogue = RsaKey(3);
    private static readonly SitePlanOptions Sealed = new() { Seal = new StateSeal("a private key file"u8) };

    [Fact]
    public void A_key_that_the_state_does_not_know_is_refused_until_a_person_accepts_it()
    {
        var site = WithRogue(Published(new SitePlanOptions()));

        var refusal = Refused(site, new SitePlanOptions());
        Assert.Contains($"'{Rogue.Kid}', and it is not in the state file", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"--drop-key='{Rogue.Kid}'", refusal.Message, StringComparison.Ordinal);

        Assert.Equal([Rogue.Kid], Plan(site, Served(First), Start, new SitePlanOptions { AcceptNewKeys = true }).Retention.Retained);
        Assert.Equal([Rogue.Kid], Plan(site, Served(First), Start, new SitePlanOptions { DropKeys = [Rogue.Kid] }).Retention.Removed);
    }

    /// <summary>Whoever adds a key chooses its kid, and a person pastes the command that removes it.</summary>
    [Theory]
    [InlineData("$(reboot)", "--drop-key='$(reboot)' and")]
    [InlineData("-x';reboot;'", "--drop-key='-x'\\'';reboot;'\\''' and")]
    public void The_kid_of_a_key_to_drop_is_one_word_of_a_command(string kid, string command) => Assert.Contains(
        command, Refused(Published(new SitePlanOptions()).With([new SiteFile(Layout.JwksPath, Bytes(JwksOf(Jwk(First), Jwk(RsaKey(3, kid)))))]), new SitePlanOptions()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("2026-11-20T12:00:00Z", null)]
    [InlineData("2026-11-20T12:00:00Z", "2026-11-24T11:00:00Z")]
    [InlineData("1970-01-01T00:00:00Z", "2026-11-24T12:00:00Z")]
    public void An_edited_state_does_not_vouch_for_a_key(string firstSeen, string? removedAt)
    {
        var site = WithState(WithRogue(Published(Sealed)), firstSeen, removedAt);

        Assert.Contains("its seal is invalid", Refused(site, Sealed).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2099-01-01T00:00:00Z", null, "first seen in the future (2099-01-01T00:00:00Z) by this machine's clock (2026-11-24T12:00:00Z), which may be wrong")]
    [InlineData("2026-11-20T12:00:00Z", "2099-01-01T00:00:00Z", "removed in the future (2099-01-01T00:00:00Z) by this machine's clock (")]
    [InlineData("2026-11-24T11:00:00Z", "2026-11-24T10:00:00Z", "removed before it was first seen")]
    public void An_implausible_history_is_refused_even_without_a_seal(string firstSeen, string? removedAt, string sentence)
    {
        var options = new SitePlanOptions();
        var site = WithState(WithRogue(Published(options)), firstSeen, removedAt);

        Assert.Contains(sentence, Refused(site, options).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_retention_that_an_edited_state_has_as_over_is_over()
    {
        var site = WithState(WithRogue(Published(Sealed)), "2026-11-20T12:00:00Z", "2026-11-23T11:00:00Z");

        Assert.Equal([Rogue.Kid], Plan(site, Served(First), Start, Sealed).Retention.Removed);
    }

    [Fact]
    public void The_state_of_another_key_under_the_same_kid_vouches_for_nothing()
    {
        var options = new SitePlanOptions();
        var site = Plan(PublishedSite.Empty, Served(First, Second), Start, options).Files;
        var replaced = RsaKey(3, Second.Kid);

        var refusal = Refused(PublishedSite.Empty.With(site).With([new SiteFile(Layout.JwksPath, Bytes(JwksOf(Jwk(First), Jwk(replaced))))]), options);

        Assert.Contains("it is not in the state file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seal_does_not_depend_on_white_space_in_the_secret()
    {
        var site = PublishedSite.Empty.With(Plan(PublishedSite.Empty, Served(First, Second), Start, Sealed).Files);
        var again = new SitePlanOptions { Seal = new StateSeal("a private\r\nkey file\n"u8) };

        Assert.Equal([Second.Kid], Plan(site, Served(First), Start.AddHours(1), again).Retention.Retained);
    }

    [Fact]
    public void A_state_without_the_seal_is_sealed_as_long_as_no_key_depends_on_it()
    {
        var site = PublishedSite.Empty.With(Plan(PublishedSite.Empty, Served(First), Start).Files);

        var resealed = Plan(site, Served(First), Start, Sealed);
        Assert.Equal([Layout.StatePath], resealed.Files.Select(file => file.Path));
        Assert.True(Plan(site.With(resealed.Files), Served(First), Start, Sealed).IsEmpty);

        // The seal of another key, as after a new deploy key.
        var other = new SitePlanOptions { Seal = new StateSeal("another private key file"u8) };
        Assert.Equal([Layout.StatePath], Plan(site.With(resealed.Files), Served(First), Start, other).Files.Select(file => file.Path));
    }

    [Fact]
    public void A_dropped_key_stays_dropped_without_the_setting_and_when_it_is_put_back()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));
        var before = site;
        site = site.With(Plan(site, Served(First), Start, new SitePlanOptions { DropKeys = [Second.Kid] }).Files);
        Assert.True(Plan(site, Served(First), Start.AddDays(1)).IsEmpty);

        var readded = site.With([new SiteFile(Layout.JwksPath, before.Find(Layout.JwksPath)!.Value)]);
        var plan = Plan(readded, Served(First), Start.AddDays(1));

        Assert.Equal([Second.Kid], plan.Retention.Removed);
        Assert.Contains(plan.Warnings, warning => warning.Contains($"The dropped key '{Second.Kid}' is in openid/v1/jwks again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dropped_key_that_the_API_server_serves_again_is_refused()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));
        site = site.With(Plan(site, Served(First), Start, new SitePlanOptions { DropKeys = [Second.Kid] }).Files);

        Assert.Contains("which --drop-key removed at 2026-11-24T12:00:00Z", Assert.Throws<JobException>(() => Plan(site, Served(First, Second))).Message, StringComparison.Ordinal);

        var withoutKeys = new PublishedSite(new Dictionary<string, ReadOnlyMemory<byte>> { [Layout.StatePath] = site.Find(Layout.StatePath)!.Value });
        Assert.Contains("which --drop-key removed", Assert.Throws<JobException>(() => Plan(withoutKeys, Served(First, Second))).Message, StringComparison.Ordinal);

        site = site.With(Plan(site, Served(First, Second), Start, new SitePlanOptions { AcceptNewKeys = true }).Files);
        Assert.True(Plan(site, Served(First, Second)).IsEmpty);
    }

    [Fact]
    public void No_edit_of_the_state_file_publishes_a_rogue_key() =>
        Gen.Select(Gen.Long[-5_000_000, 5_000_000], Gen.Long[-5_000_000, 5_000_000], Gen.Bool, Gen.Bool, Gen.Bool).Sample((firstSeen, removedAt, isRemoved, isDropped, rightThumbprint) =>
        {
            var state = new PublishedState(
                [
                    new KeyState(First.Kid, First.Thumbprint, Start, null),
                    new KeyState(Rogue.Kid, rightThumbprint ? Rogue.Thumbprint : First.Thumbprint, Start.AddSeconds(firstSeen), isRemoved ? Start.AddSeconds(removedAt) : null),
                ],
                isDropped ? [new DroppedKey(Rogue.Kid, Start)] : []);
            var site = WithRogue(Published(Sealed)).With([new SiteFile(Layout.StatePath, state.Write(Layout.Issuer, new StateSeal("guessed"u8)))]);

            try
            {
                Assert.False(Plan(site, Served(First), Start, Sealed).Retention.Keys.Contains(Rogue.Kid));
            }
            catch (UnknownKeysException refused)
            {
                Assert.Equal([Rogue.Kid], refused.Keys.Select(key => key.Kid));
            }
        }, iter: 500);

    [Fact]
    public void Many_unknown_keys_are_named_up_to_a_few()
    {
        var keys = Enumerable.Range(0, 50).Select(number => Jwk(RsaKey(3, $"rogue-{number:00}"))).Append(Jwk(First)).ToArray();
        var site = Published(new SitePlanOptions()).With([new SiteFile(Layout.JwksPath, Bytes(JwksOf(keys)))]);

        var refusal = Refused(site, new SitePlanOptions());

        Assert.Equal((50, 5), (refusal.Keys.Count, refusal.Named.Count()));
        Assert.Contains("and 45 more", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 100, 2000);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void An_entry_without_a_kid_is_named_and_left_out_and_the_cluster_s_key_needs_no_person(string? kid)
    {
        var nameless = Jwk(First);
        nameless["kid"] = kid;

        // As guides for IRSA have it: the key twice, once without its kid; or only without.
        foreach (var keys in new[] { new[] { Jwk(First), (JsonObject)nameless.DeepClone() }, [(JsonObject)nameless.DeepClone()] })
        {
            var site = PublishedSite.Empty.With([new SiteFile(Layout.JwksPath, Bytes(JwksOf(keys)))]);

            var plan = Plan(site, Served(First));

            Assert.Equal([First.Kid], plan.Retention.Keys.Keys.Select(key => key.Kid));
            Assert.Contains(plan.Files, file => file.Path == Layout.JwksPath);
            Assert.Contains(plan.Warnings, warning => warning.StartsWith($"Key {keys.Length} of the key set at openid/v1/jwks has no kid", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Private_key_material_in_the_repository_is_refused()
    {
        var jwk = Jwk(First);
        jwk["d"] = "c2VjcmV0";

        var refusal = Assert.Throws<JobException>(() => Plan(PublishedSite.Empty.With([new SiteFile(Layout.JwksPath, Bytes(JwksOf(jwk)))]), Served(First)));

        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        Assert.Contains("holds private key material (a member 'd')", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", refusal.Message, StringComparison.Ordinal);
    }

    private static PublishedSite Published(SitePlanOptions options) => PublishedSite.Empty.With(Plan(PublishedSite.Empty, Served(First), Start, options).Files);

    private static PublishedSite WithRogue(PublishedSite site) => site.With([new SiteFile(Layout.JwksPath, Bytes(JwksOf(Jwk(First), Jwk(Rogue))))]);

    /// <summary>Adds the rogue key to the state, and leaves the rest of it, the seal too, as it is.</summary>
    private static PublishedSite WithState(PublishedSite site, string firstSeen, string? removedAt)
    {
        var state = JsonNode.Parse(site.Find(Layout.StatePath)!.Value.Span)!;
        var entry = new JsonObject { ["kid"] = Rogue.Kid, ["thumbprint"] = Rogue.Thumbprint, ["firstSeen"] = firstSeen };
        if (removedAt is not null)
        {
            entry["removedAt"] = removedAt;
        }

        state["keys"]!.AsArray().Add(entry);
        return site.With([new SiteFile(Layout.StatePath, Bytes(state))]);
    }

    private static UnknownKeysException Refused(PublishedSite site, SitePlanOptions options)
    {
        var refusal = Assert.Throws<UnknownKeysException>(() => Plan(site, Served(First), Start, options));
        Assert.Equal(ExitCode.Refused, refusal.ExitCode);
        return refusal;
    }
}
