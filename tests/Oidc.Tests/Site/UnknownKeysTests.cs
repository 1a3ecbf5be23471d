using static ClusterTrust.Oidc.Tests.Site.SitePlanTests;

namespace ClusterTrust.Oidc.Tests.Site;

/// <summary>Another writer to the repository than this job.</summary>
public sealed class UnknownKeysTests
{
    internal static readonly JsonWebKey Rogue = RsaKey(3);
    internal static readonly SitePlanOptions Sealed = new() { Seal = new StateSeal([.. "a private key file"u8]) };

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

    /// <summary>The attacker who adds a key chooses its kid, and a person pastes the command that removes it.</summary>
    [Fact]
    public void The_kid_of_a_key_to_drop_is_one_word_of_a_command_in_full()
    {
        var longest = new string('k', 1024);
        foreach (var (kid, word) in new[] { (longest, longest), ("$(reboot)", "$(reboot)"), ("-x';reboot;'", "-x'\\'';reboot;'\\''") })
        {
            Refuses($"--drop-key='{word}' and", WithKeys(Published(), Jwk(First), Jwk(RsaKey(3, kid))));
        }
    }

    [Theory]
    [InlineData("2099-01-01T00:00:00Z", null, "first seen in the future (2099-01-01T00:00:00Z) by the API server's clock, or this run's (2026-11-24T12:00:00Z), which may be wrong")]
    [InlineData("2026-11-20T12:00:00Z", "2099-01-01T00:00:00Z", "removed in the future (2099-01-01T00:00:00Z) by the API server's clock, or this run's (")]
    [InlineData("2026-11-24T11:00:00Z", "2026-11-24T10:00:00Z", "removed before it was first seen")]
    public void An_implausible_history_is_refused_even_without_a_seal(string firstSeen, string? removedAt, string sentence) =>
        Refuses(sentence, WithState(WithRogue(Published()), firstSeen, removedAt));

    [Fact]
    public void A_retained_key_that_someone_removed_is_reported()
    {
        var site = WithKeys(Apply(OfBoth, Served(First)), Jwk(First));
        var warning = Assert.Single(Plan(site, Served(First)).Warnings);
        Assert.StartsWith($"The key '{Second.Kid}', whose retention is not over", warning, StringComparison.Ordinal);
        Assert.EndsWith($"restore {Layout.JwksPath} and {Layout.StatePath} from the commit before.", warning, StringComparison.Ordinal);
        Assert.Empty(Plan(site, Served(First, Second)).Warnings);
        Assert.Empty(Plan(site, Served(First), Start.AddHours(24)).Warnings);
        Assert.Empty(Plan(site, Served(First), Start, Dropping(Second)).Warnings);
    }

    [Fact]
    public void The_state_of_another_key_under_the_same_kid_vouches_for_nothing() => Refuses(
        "it is not in the state file", WithKeys(OfBoth, Jwk(First), Jwk(RsaKey(3, Second.Kid))));

    /// <summary>Clouds would refuse its tokens until they expire.</summary>
    [Fact]
    public void A_retained_key_that_is_given_another_algorithm_is_refused()
    {
        var site = Apply(Apply(PublishedSite.Empty, Served(First, Second), Start, Sealed), Served(First), Start, Sealed);
        Refuses("it is not in the state file", WithKeys(site, Jwk(First), Jwk(Second with { Alg = "PS256" })), Sealed);
        Assert.Equal([Second.Kid], Plan(site, Served(First), Start, Sealed).Retention.Retained);
    }

    /// <summary>The alg of an unknown type is no part of the thumbprint in the state, and is listed in the discovery document.</summary>
    [Theory]
    [InlineData("none"), InlineData("HS256")]
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
    [InlineData(""), InlineData(null)]
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

    /// <summary>alg and use are optional (RFC 7517 §4), and scripts that convert a public key write neither.</summary>
    [Theory]
    [InlineData("""{"use":null}""", "has the use '' and not 'sig'")]
    [InlineData("""{"alg":null}""", "has no alg")]
    [InlineData("""{"use":null,"alg":null,"kid":null}""", "has no kid")]
    public void The_cluster_s_key_without_its_alg_or_use_needs_no_person(string missing, string fault)
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var key in new[] { First, ToKey(curve, "P-256") })
        {
            var plan = Plan(WithKeys(PublishedSite.Empty, Patched(Jwk(key), missing)), Served(key));
            Assert.Equal([key], plan.Retention.Keys.Keys);
            Assert.Contains(plan.Warnings, warning => warning.Contains(fault, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Private_key_material_in_the_repository_is_refused()
    {
        var site = WithKeys(PublishedSite.Empty, Patched(Jwk(First), """{"d":"c2VjcmV0"}"""));
        var refusal = Assert.Fault(ExitCode.Refused, "contains private key material (a member 'd')", () => Plan(site, Served(First)));
        Assert.DoesNotContain("c2VjcmV0", refusal.Message, StringComparison.Ordinal);
    }

    internal static PublishedSite Published(SitePlanOptions? options = null) => Apply(PublishedSite.Empty, Served(First), Start, options);

    private static PublishedSite WithKeys(PublishedSite site, params JsonObject[] keys) => With(site, Layout.JwksPath, Bytes(JwksOf(keys)));

    internal static PublishedSite WithRogue(PublishedSite site) => WithKeys(site, Jwk(First), Jwk(Rogue));

    /// <summary>Adds the rogue key to the state, and leaves the rest of it, the seal too, as it is.</summary>
    internal static PublishedSite WithState(PublishedSite site, string firstSeen, string? removedAt)
    {
        var state = JsonNode.Parse(site.Find(Layout.StatePath)!.Value.Span)!;
        state["keys"]!.AsArray().Add(Patched(
            new JsonObject { ["kid"] = Rogue.Kid, ["thumbprint"] = Rogue.Thumbprint, ["firstSeen"] = firstSeen }, removedAt is null ? "{}" : $$"""{"removedAt":"{{removedAt}}"}"""));
        return With(site, Layout.StatePath, Bytes(state));
    }

    internal static UnknownKeysException Refuses(string message, PublishedSite site, SitePlanOptions? options = null) =>
        Assert.IsType<UnknownKeysException>(Assert.Fault(ExitCode.Refused, message, () => Plan(site, Served(First), Start, options)));
}
