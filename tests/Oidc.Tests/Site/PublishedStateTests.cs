using static ClusterTrust.Oidc.Tests.Site.SitePlanTests;

namespace ClusterTrust.Oidc.Tests.Site;

public sealed class PublishedStateTests
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
}
