using CsCheck;
using static ClusterTrust.Oidc.Tests.Site.SitePlanTests;
using static ClusterTrust.Oidc.Tests.Site.UnknownKeysTests;

namespace ClusterTrust.Oidc.Tests.Site;

/// <summary>What is trusted in a state file that was written without this job's private key.</summary>
public sealed class SealedStateTests
{
    /// <summary>The seal is over the bytes, so a release that writes others would trust no earlier state.</summary>
    [Fact]
    public void The_state_is_written_as_it_always_was()
    {
        var state = new PublishedState(
            [new KeyState("b+", "t2", Start, Start.AddHours(1)), new KeyState("a", "t1", Start)], [new DroppedKey("z", Start), new DroppedKey("y", Start.AddSeconds(1))]);
        const string Written = """
            {
              "schemaVersion": 1,
              "madeBy": "clustertrust-oidc",
              "issuer": "https://a.example",
              "keys": [
                {
                  "kid": "a",
                  "thumbprint": "t1",
                  "firstSeen": "2026-11-24T12:00:00Z"
                },
                {
                  "kid": "b+",
                  "thumbprint": "t2",
                  "firstSeen": "2026-11-24T12:00:00Z",
                  "removedAt": "2026-11-24T13:00:00Z"
                }
              ],
              "dropped": [
                {
                  "kid": "y",
                  "droppedAt": "2026-11-24T12:00:01Z"
                },
                {
                  "kid": "z",
                  "droppedAt": "2026-11-24T12:00:00Z"
                }
              ]
            }

            """;
        var seal = new StateSeal([.. "a private key file"u8]);

        Assert.Equal(Written, Encoding.UTF8.GetString(state.Write("https://a.example")));
        Assert.Equal(
            Written.Replace("  ]\n}", $"  ],\n  \"seal\": \"{seal.Of(Encoding.UTF8.GetBytes(Written))}\"\n}}", StringComparison.Ordinal),
            Encoding.UTF8.GetString(state.Write("https://a.example", seal)));
        Assert.True(PublishedState.Parse(state.Write("https://a.example", seal))!.IsSealedBy(seal, "https://a.example"));
    }

    [Theory]
    [InlineData("2026-11-20T12:00:00Z", null), InlineData("2026-11-20T12:00:00Z", "2026-11-24T11:00:00Z"), InlineData("1970-01-01T00:00:00Z", "2026-11-24T12:00:00Z")]
    public void An_edited_state_does_not_vouch_for_a_key(string firstSeen, string? removedAt) =>
        Refuses("its seal is invalid", WithState(WithRogue(Published(Sealed)), firstSeen, removedAt), Sealed);

    [Fact]
    public void An_edited_state_does_not_remove_a_key_as_dropped_or_as_no_longer_retained()
    {
        Refuses("its seal is invalid", WithState(WithRogue(Published(Sealed)), "2026-11-20T12:00:00Z", "2026-11-23T11:00:00Z"), Sealed);
        var state = new PublishedState([new KeyState(First.Kid, First.Thumbprint, Start)], [new DroppedKey(Rogue.Kid, Start)]);
        var site = With(WithRogue(Published(Sealed)), Layout.StatePath, state.Write(Layout.Issuer, new StateSeal([.. "guessed"u8])));
        Refuses("(its seal is invalid), and lists it as dropped, so that --accept-new-keys removes it, too", site, Sealed);
        var accepted = Plan(site, Served(First), Start, Sealed with { AcceptNewKeys = true });
        Assert.Equal([Rogue.Kid], accepted.Retention.Removed);
        Assert.Contains(accepted.Warnings, warning => warning.Contains($"The dropped key '{Rogue.Kid}' is in openid/v1/jwks again", StringComparison.Ordinal));
        Assert.Equal([Rogue.Kid], Plan(site, Served(First), Start, Sealed with { DropKeys = [Rogue.Kid] }).Retention.Removed);
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
    public void A_state_without_the_seal_is_sealed_as_long_as_no_key_depends_on_it()
    {
        var resealed = Plan(OfFirst, Served(First), Start, Sealed);
        Assert.Equal([Layout.StatePath], resealed.Files.Select(file => file.Path));
        Assert.StartsWith("The seal of the state file openid/v1/jwks-state.json is missing or invalid, and the file is sealed again", Assert.Single(resealed.Warnings), StringComparison.Ordinal);
        var again = Plan(OfFirst.With(resealed.Files), Served(First), Start, Sealed);
        Assert.True(again.IsEmpty);
        Assert.Empty(again.Warnings);

        // The seal of another key, as after a new deploy key.
        var other = new SitePlanOptions { Seal = new StateSeal([.. "another private key file"u8]) };
        Assert.Equal([Layout.StatePath], Plan(OfFirst.With(resealed.Files), Served(First), Start, other).Files.Select(file => file.Path));
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
            var site = With(WithRogue(Published(Sealed)), Layout.StatePath, state.Write(Layout.Issuer, new StateSeal([.. "guessed"u8])));

            try
            {
                Assert.False(Plan(site, Served(First), Start, Sealed).Retention.Keys.Contains(Rogue.Kid));
            }
            catch (UnknownKeysException refused)
            {
                Assert.Equal([Rogue.Kid], refused.Keys.Select(key => key.Kid));
            }
        }, iter: 500);
}
