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
        var site = WithRogue(Published());

        Refuses($"'{Rogue.Kid}', and it is not in the state file", site);
        Refuses($"--drop-key='{Rogue.Kid}'", site);

        Assert.Equal([Rogue.Kid], Plan(site, Served(First), Start, Accepting).Retention.Retained);
        Assert.Equal([Rogue.Kid], Plan(site, Served(First), Start, Dropping(Rogue)).Retention.Removed);
    }

    /// <summary>It is for one run: left in place, it publishes any key that someone adds.</summary>
    [Fact]
    public void What_accept_new_keys_accepts_is_reported_and_so_is_that_nothing_requires_it()
    {
        Assert.StartsWith($"Accepted by --accept-new-keys: The published key set openid/v1/jwks has a key that no API server serves: '{Rogue.Kid}'", Warning(WithRogue(Published()), Served(First)), StringComparison.Ordinal);
        Assert.StartsWith("Accepted by --accept-new-keys: The kid '", Warning(Published(), Served(RsaKey(2, First.Kid))), StringComparison.Ordinal);
        Assert.StartsWith("--accept-new-keys is set, and nothing requires it", Warning(Published(), Served(First)), StringComparison.Ordinal);

        static string Warning(PublishedSite site, CheckedIssuer issuer) => Plan(site, issuer, Start, Accepting).Warnings[0];
    }

    [Fact]
    public void The_command_names_the_longest_kid_in_full()
    {
        var kid = new string('k', 1024);

        Refuses($"--drop-key='{kid}' and", WithKeys(Published(), Jwk(First), Jwk(RsaKey(3, kid))));
    }

    /// <summary>The key that was meant would stay published until its retention is over.</summary>
    [Fact]
    public void A_key_to_drop_that_is_not_published_is_named_once()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));
        var options = new SitePlanOptions { DropKeys = [Second.Kid + " "] };

        var plan = Plan(site, Served(First), Start, options);

        Assert.Contains("check the spelling of its kid", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(Plan(site.With(plan.Files), Served(First), Start, options).Warnings);
        Assert.Empty(Plan(site, Served(First), Start, Dropping(Second)).Warnings);
    }

    /// <summary>Whoever adds a key chooses its kid, and a person pastes the command that removes it.</summary>
    [Theory]
    [InlineData("$(reboot)", "--drop-key='$(reboot)' and")]
    [InlineData("-x';reboot;'", "--drop-key='-x'\\'';reboot;'\\''' and")]
    public void The_kid_of_a_key_to_drop_is_one_word_of_a_command(string kid, string command) => Refuses(command, WithKeys(Published(), Jwk(First), Jwk(RsaKey(3, kid))));

    [Theory]
    [InlineData("2026-11-20T12:00:00Z", null)]
    [InlineData("2026-11-20T12:00:00Z", "2026-11-24T11:00:00Z")]
    [InlineData("1970-01-01T00:00:00Z", "2026-11-24T12:00:00Z")]
    public void An_edited_state_does_not_vouch_for_a_key(string firstSeen, string? removedAt) =>
        Refuses("its seal is invalid", WithState(WithRogue(Published(Sealed)), firstSeen, removedAt), Sealed);

    [Theory]
    [InlineData("2099-01-01T00:00:00Z", null, "first seen in the future (2099-01-01T00:00:00Z) by this run's clock (2026-11-24T12:00:00Z), which may be wrong")]
    [InlineData("2026-11-20T12:00:00Z", "2099-01-01T00:00:00Z", "removed in the future (2099-01-01T00:00:00Z) by this run's clock (")]
    [InlineData("2026-11-24T11:00:00Z", "2026-11-24T10:00:00Z", "removed before it was first seen")]
    public void An_implausible_history_is_refused_even_without_a_seal(string firstSeen, string? removedAt, string sentence) =>
        Refuses(sentence, WithState(WithRogue(Published()), firstSeen, removedAt));

    [Fact]
    public void An_edited_state_does_not_remove_a_key_as_dropped_or_as_no_longer_retained()
    {
        Refuses("its seal is invalid", WithState(WithRogue(Published(Sealed)), "2026-11-20T12:00:00Z", "2026-11-23T11:00:00Z"), Sealed);

        var state = new PublishedState([new KeyState(First.Kid, First.Thumbprint, Start)], [new DroppedKey(Rogue.Kid, Start)]);
        var site = With(WithRogue(Published(Sealed)), Layout.StatePath, state.Write(Layout.Issuer, new StateSeal("guessed"u8)));
        Refuses("(its seal is invalid), and lists it as dropped, so that --accept-new-keys removes it, too", site, Sealed);

        var accepted = Plan(site, Served(First), Start, Sealed with { AcceptNewKeys = true });
        Assert.Equal([Rogue.Kid], accepted.Retention.Removed);
        Assert.Contains(accepted.Warnings, warning => warning.Contains($"The dropped key '{Rogue.Kid}' is in openid/v1/jwks again", StringComparison.Ordinal));
        Assert.Equal([Rogue.Kid], Plan(site, Served(First), Start, Sealed with { DropKeys = [Rogue.Kid] }).Retention.Removed);
    }

    [Fact]
    public void A_retained_key_that_someone_removed_is_reported()
    {
        var site = WithKeys(Apply(Apply(PublishedSite.Empty, Served(First, Second)), Served(First)), Jwk(First));

        var warning = Assert.Single(Plan(site, Served(First)).Warnings);
        Assert.StartsWith($"The key '{Second.Kid}', whose retention is not over", warning, StringComparison.Ordinal);
        Assert.EndsWith($"restore {Layout.JwksPath} and {Layout.StatePath} from the commit before.", warning, StringComparison.Ordinal);
        Assert.Empty(Plan(site, Served(First, Second)).Warnings);
        Assert.Empty(Plan(site, Served(First), Start.AddHours(24)).Warnings);
        Assert.Empty(Plan(site, Served(First), Start, Dropping(Second)).Warnings);
    }

    [Fact]
    public void The_state_of_another_key_under_the_same_kid_vouches_for_nothing() => Refuses(
        "it is not in the state file", WithKeys(Apply(PublishedSite.Empty, Served(First, Second)), Jwk(First), Jwk(RsaKey(3, Second.Kid))));

    /// <summary>Clouds would refuse its tokens until they expire.</summary>
    [Fact]
    public void A_retained_key_that_is_given_another_algorithm_is_refused()
    {
        var site = Apply(Apply(PublishedSite.Empty, Served(First, Second), Start, Sealed), Served(First), Start, Sealed);

        Refuses("it is not in the state file", WithKeys(site, Jwk(First), Jwk(Second with { Alg = "PS256" })), Sealed);
        Assert.Equal([Second.Kid], Plan(site, Served(First), Start, Sealed).Retention.Retained);
    }

    /// <summary>The state of a release that did not write the algorithms.</summary>
    [Fact]
    public void A_state_without_algorithms_keeps_its_seal()
    {
        var state = new PublishedState([new KeyState(First.Kid, First.Thumbprint, Start), new KeyState(Second.Kid, Second.Thumbprint, Start, Start)]);
        var site = With(Apply(PublishedSite.Empty, Served(First, Second), Start, Sealed), Layout.StatePath, state.Write(Layout.Issuer, Sealed.Seal));

        var plan = Plan(site, Served(First), Start, Sealed);

        Assert.Equal([Second.Kid], plan.Retention.Retained);
        Assert.Equal(Second.Alg, plan.Retention.State.Find(Second)!.Alg);
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public void A_seal_does_not_depend_on_white_space_in_the_secret()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second), Start, Sealed);
        var again = new SitePlanOptions { Seal = new StateSeal("a private\r\nkey file\n"u8) };

        Assert.Equal([Second.Kid], Plan(site, Served(First), Start.AddHours(1), again).Retention.Retained);
    }

    [Fact]
    public void A_state_without_the_seal_is_sealed_as_long_as_no_key_depends_on_it()
    {
        var site = Apply(PublishedSite.Empty, Served(First));

        var resealed = Plan(site, Served(First), Start, Sealed);
        Assert.Equal([Layout.StatePath], resealed.Files.Select(file => file.Path));
        Assert.StartsWith("The seal of the state file openid/v1/jwks-state.json is missing or invalid, and the file is sealed again", Assert.Single(resealed.Warnings), StringComparison.Ordinal);
        var again = Plan(site.With(resealed.Files), Served(First), Start, Sealed);
        Assert.True(again.IsEmpty);
        Assert.Empty(again.Warnings);

        // The seal of another key, as after a new deploy key.
        var other = new SitePlanOptions { Seal = new StateSeal("another private key file"u8) };
        Assert.Equal([Layout.StatePath], Plan(site.With(resealed.Files), Served(First), Start, other).Files.Select(file => file.Path));
    }

    [Fact]
    public void A_dropped_key_stays_dropped_without_the_setting_and_when_it_is_put_back()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));
        var before = site;
        site = Apply(site, Served(First), Start, Dropping(Second));
        Assert.True(Plan(site, Served(First), Start.AddDays(1)).IsEmpty);

        var plan = Plan(With(site, Layout.JwksPath, before.Find(Layout.JwksPath)!.Value.ToArray()), Served(First), Start.AddDays(1));

        Assert.Equal([Second.Kid], plan.Retention.Removed);
        Assert.Contains(plan.Warnings, warning => warning.Contains($"The dropped key '{Second.Kid}' is in openid/v1/jwks again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dropped_key_that_the_API_server_serves_again_is_refused()
    {
        var site = Apply(PublishedSite.Empty, Served(First, Second));
        site = Apply(site, Served(First), Start, Dropping(Second));

        var withoutKeys = With(PublishedSite.Empty, Layout.StatePath, site.Find(Layout.StatePath)!.Value.ToArray());
        foreach (var dropped in new[] { site, withoutKeys })
        {
            Assert.Fault(ExitCode.Refused, "which --drop-key removed at 2026-11-24T12:00:00Z", () => Plan(dropped, Served(First, Second)));
        }

        site = Apply(site, Served(First, Second), Start, Accepting);
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
            var site = With(WithRogue(Published(Sealed)), Layout.StatePath, state.Write(Layout.Issuer, new StateSeal("guessed"u8)));

            try
            {
                Assert.False(Plan(site, Served(First), Start, Sealed).Retention.Keys.Contains(Rogue.Kid));
            }
            catch (UnknownKeysException refused)
            {
                Assert.Equal([Rogue.Kid], refused.Keys.Select(key => key.Kid));
            }
        }, iter: 500);

    /// <summary>The alg of an unknown type is no part of the thumbprint in the state, and is listed in the discovery document.</summary>
    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    public void A_retained_key_that_is_given_an_algorithm_without_a_private_key_is_refused_and_never_published(string algorithm)
    {
        var key = new JsonWebKey("ed", "EdDSA", "OKP", [("crv", "Ed25519"), ("x", "AAEC")]);
        var site = Apply(Apply(PublishedSite.Empty, Served(First, key), Start, Sealed), Served(First), Start, Sealed);

        var edited = WithKeys(site, Jwk(First), Jwk(key with { Alg = algorithm }));

        Assert.Fault(ExitCode.Refused, "whose tokens are made without a private key", () => Plan(edited, Served(First), Start, Sealed));
        var plan = Plan(edited, Served(First), Start, Sealed with { AcceptNewKeys = true });
        Assert.DoesNotContain(algorithm, plan.Discovery.SigningAlgorithms);
        Assert.Equal([First], plan.Retention.Keys.Keys);
        Assert.Contains(plan.Warnings, static warning => warning.Contains("whose tokens are made without a private key", StringComparison.Ordinal));
    }

    /// <summary>A cloud may accept a key that is invalid here, and a reader that ignores kids one without.</summary>
    [Theory]
    [InlineData("""{"use":null}""", "has the use '' and not 'sig'")]
    [InlineData("""{"kid":null}""", "has no kid of 1 to 1024")]
    [InlineData("""{"e":"AQ"}""", "has a public exponent")]
    public void An_invalid_entry_that_is_not_the_cluster_s_is_refused_until_a_person_removes_it(string change, string fault)
    {
        var site = WithKeys(Published(), Jwk(First), Patched(Jwk(Rogue), change));

        var refusal = Assert.Fault(ExitCode.Refused, fault, () => Plan(site, Served(First)));
        Assert.Contains("has entries that are invalid and not the cluster's", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([First], Plan(site, Served(First), Start, Accepting).Retention.Keys.Keys);
    }

    [Fact]
    public void Many_unknown_keys_are_named_up_to_a_few()
    {
        var site = WithKeys(Published(), [Jwk(First), .. Enumerable.Range(0, 50).Select(number => Jwk(RsaKey(3, $"rogue-{number:00}")))]);

        var refusal = Refuses("and 45 more", site);

        Assert.Equal((50, 5), (refusal.Keys.Count, refusal.Named.Count()));
        Assert.InRange(refusal.Message.Length, 100, 2000);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void An_entry_without_a_kid_is_named_and_left_out_and_the_cluster_s_key_needs_no_person(string? kid)
    {
        JsonObject Nameless() => Patched(Jwk(First), kid is null ? """{"kid":null}""" : """{"kid":""}""");

        // As guides for IRSA have it: the key twice, once without its kid; or only without.
        foreach (var keys in new[] { [Jwk(First), Nameless()], new[] { Nameless() } })
        {
            var plan = Plan(WithKeys(PublishedSite.Empty, keys), Served(First));

            Assert.Equal([First.Kid], plan.Retention.Keys.Keys.Select(key => key.Kid));
            Assert.Contains(plan.Files, file => file.Path == Layout.JwksPath);
            Assert.Contains(plan.Warnings, warning => warning.StartsWith($"Key {keys.Length} of the key set at openid/v1/jwks has no kid", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Private_key_material_in_the_repository_is_refused()
    {
        var site = WithKeys(PublishedSite.Empty, Patched(Jwk(First), """{"d":"c2VjcmV0"}"""));

        var refusal = Assert.Fault(ExitCode.Refused, "holds private key material (a member 'd')", () => Plan(site, Served(First)));

        Assert.DoesNotContain("c2VjcmV0", refusal.Message, StringComparison.Ordinal);
    }

    private static PublishedSite Published(SitePlanOptions? options = null) => Apply(PublishedSite.Empty, Served(First), Start, options);

    private static PublishedSite WithKeys(PublishedSite site, params JsonObject[] keys) => With(site, Layout.JwksPath, Bytes(JwksOf(keys)));

    private static PublishedSite WithRogue(PublishedSite site) => WithKeys(site, Jwk(First), Jwk(Rogue));

    /// <summary>Adds the rogue key to the state, and leaves the rest of it, the seal too, as it is.</summary>
    private static PublishedSite WithState(PublishedSite site, string firstSeen, string? removedAt)
    {
        var state = JsonNode.Parse(site.Find(Layout.StatePath)!.Value.Span)!;
        state["keys"]!.AsArray().Add(Patched(
            new JsonObject { ["kid"] = Rogue.Kid, ["thumbprint"] = Rogue.Thumbprint, ["firstSeen"] = firstSeen }, removedAt is null ? "{}" : $$"""{"removedAt":"{{removedAt}}"}"""));
        return With(site, Layout.StatePath, Bytes(state));
    }

    private static UnknownKeysException Refuses(string message, PublishedSite site, SitePlanOptions? options = null) =>
        Assert.IsType<UnknownKeysException>(Assert.Fault(ExitCode.Refused, message, () => Plan(site, Served(First), Start, options)));
}
