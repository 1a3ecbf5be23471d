using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Pages;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Keys that come, go and come back.</summary>
public sealed class RotationTests : OidcTest
{
    private ServiceAccountKeys Keys => Cluster.ApiServer.Keys;

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_new_key_is_added_at_once_and_told_in_the_commit()
    {
        var old = Keys.Signing;
        await PublishedAsync();
        var added = Keys.Announce();

        Expect.Done(await PublishAsync(), "keys added: 1, removed: 0");

        Assert.Equal(new[] { old.KeyId, added.KeyId }.Order(StringComparer.Ordinal), (await KidsAsync()).Order(StringComparer.Ordinal));
        var message = (await Cluster.Repository.LogAsync("main"))[0].Message;
        Assert.Equal($"Add a key to the issuer {Cluster.IssuerUrl}\n\nAdded:\n- {added.KeyId}\n\nUnchanged:\n- {old.KeyId}", message);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_key_that_disappears_is_kept_for_a_day_with_its_state_readable_and_loses_its_mark_when_it_comes_back()
    {
        var gone = await RetireAsync();

        Expect.Done(await PublishAsync(), gone.KeyId, "retained");

        Assert.Contains(gone.KeyId, await KidsAsync());
        var state = StateOf(await ReadAsync(StatePath), gone.KeyId);
        var removedAt = DateTimeOffset.Parse(state["removedAt"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(removedAt, DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Contains("not served since", await ReadAsync(InFolder("index.html")), StringComparison.Ordinal);

        // A second run finds nothing new to say of it.
        Expect.Done(await PublishAsync(), "nothing to publish");

        Cluster.ApiServer.ServeJwks(document => document["keys"]!.AsArray().Add(gone.ToJwk()));
        Expect.Done(await PublishAsync());
        Assert.Null(StateOf(await ReadAsync(StatePath), gone.KeyId)["removedAt"]);
        Assert.Contains("Served again:\n- " + gone.KeyId, (await Cluster.Repository.LogAsync("main"))[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task When_its_retention_is_over_a_key_is_removed()
    {
        var gone = await RetireAsync();
        await PublishedAsync();
        var state = await ReadAsync(StatePath);
        var mark = StateOf(state, gone.KeyId)["removedAt"]!.GetValue<string>();
        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string>
        {
            [StatePath] = state.Replace(mark, DateTimeOffset.UtcNow.AddHours(-25).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal),
        });

        Expect.Done(await PublishAsync(), "keys added: 0, removed: 1");

        Assert.Equal([Keys.Signing.KeyId], await KidsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Retention_of_zero_mirrors_the_API_server_exactly()
    {
        await RetireAsync();

        Expect.Done(await PublishAsync("--retain-removed-keys", "0"), "keys added: 0, removed: 1");

        Assert.Equal([Keys.Signing.KeyId], await KidsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_compromised_key_is_dropped_at_once()
    {
        var gone = await RetireAsync();
        await PublishedAsync();

        Expect.Done(await PublishAsync("--drop-key", gone.KeyId), "keys added: 0, removed: 1");

        Assert.Equal([Keys.Signing.KeyId], await KidsAsync());
        Assert.Contains($"- {gone.KeyId} (dropped by --drop-key)", (await Cluster.Repository.LogAsync("main"))[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain(gone.KeyId, await ReadAsync(InFolder("index.html")), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_key_that_is_still_served_cannot_be_dropped_and_one_that_is_gone_stays_dropped()
    {
        await PublishedAsync();

        Expect.Exit(Expect.Refused, await PublishAsync("--drop-key", Keys.Signing.KeyId), "is still served by the API server and would be published again");
        Assert.Equal(1, await CommitsAsync());

        Expect.Done(await PublishAsync("--drop-key", "gone"));
        Expect.Done(await PublishAsync("--drop-key", "gone"), "nothing to publish");
        Expect.Done(await PublishAsync(), "nothing to publish");
        Assert.Contains("\"kid\": \"gone\"", await ReadAsync(StatePath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_somebody_else_put_there_is_refused_with_its_commit_whatever_the_state_says()
    {
        await PublishedAsync();
        using var others = new ServiceAccountKeys();
        var rogue = others.Signing;
        var jwks = JsonNode.Parse(await ReadAsync(JwksPath))!;
        jwks["keys"]!.AsArray().Add(rogue.ToJwk());
        var sha = await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { [JwksPath] = jwks.ToJsonString() });

        Expect.Exit(Expect.Refused, await PublishAsync(), $"'{rogue.KeyId}' (commit {sha}), and it is not in the state file", "--accept-new-keys");

        // The same with a state that vouches for it, as well as somebody else can write one.
        var thumbprint = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(
            $$"""{"e":"{{rogue.ToJwk()["e"]}}","kty":"RSA","n":"{{rogue.ToJwk()["n"]}}"}""")));
        var state = JsonNode.Parse(await ReadAsync(StatePath))!;
        state["keys"]!.AsArray().Add(new JsonObject { ["kid"] = rogue.KeyId, ["thumbprint"] = thumbprint, ["firstSeen"] = "2026-01-01T00:00:00Z" });
        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { [StatePath] = state.ToJsonString() });

        Expect.Exit(Expect.Refused, await PublishAsync(), $"'{rogue.KeyId}' (commit {sha})", "its seal is invalid");

        Expect.Done(await PublishAsync("--drop-key", rogue.KeyId), "keys added: 0, removed: 1");
        Assert.DoesNotContain(rogue.KeyId, await KidsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_key_set_that_shares_no_key_is_refused_until_a_person_accepts_it()
    {
        await PublishedAsync();
        Keys.Rotate(keepOld: false);
        Cluster.RenewTokens();

        Expect.Exit(Expect.Refused, await PublishAsync(), "either this is another cluster, or it was rebuilt", "--accept-new-keys");
        Assert.Equal(1, await CommitsAsync());

        Expect.Done(await PublishAsync("--accept-new-keys"), "keys added: 1, removed: 0");
        Assert.Contains(Keys.Signing.KeyId, await KidsAsync());
        Expect.Done(await PublishAsync(), "nothing to publish");
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_rotation_is_led_from_the_new_key_to_the_removal_of_the_old_one()
    {
        await PublishedAsync();
        var old = Keys.Signing;
        Assert.Equal("no-rotation", await StageAsync());

        var added = Keys.Announce();
        Restarted(TimeSpan.Zero);
        Assert.Equal("new-key-not-public", await StageAsync());
        Expect.Exit(Expect.Failed, await RotateAsync("--safe-to-sign", added.KeyId), "it is not in the public key set");

        await PublishedAsync();
        Assert.Equal("new-key-not-cached", await StageAsync());
        Expect.Exit(Expect.Failed, await RotateAsync($"--safe-to-sign={added.KeyId}"), "a cache may be 24.2 h old");

        // A day later for the site: deployed by then, and first seen by then.
        await using var pages = await DeployEarlierAsync(TimeSpan.FromHours(25), added.KeyId);
        Assert.Equal("ready-to-sign", await StageAsync());
        Expect.Done(await RotateAsync($"--safe-to-sign={added.KeyId}"), "it is safe to sign with");

        Keys.SignWith(added);
        Cluster.RenewTokens();
        Restarted(TimeSpan.Zero);
        Assert.Equal("old-key-in-use", await StageAsync());
        Expect.Exit(Expect.Failed, await RotateAsync($"--safe-to-remove={added.KeyId}"), "it signs the tokens of");
        Expect.Exit(Expect.Failed, await RotateAsync($"--safe-to-remove={old.KeyId}"), "a token lives up to 24 h");

        Restarted(TimeSpan.FromHours(25));
        Assert.Equal("ready-to-remove", await StageAsync());
        Expect.Done(await RotateAsync($"--safe-to-remove={old.KeyId}"), "it is safe to remove");

        Keys.Drop(old);
        Restarted(TimeSpan.Zero);
        Assert.Equal("old-key-retained", await StageAsync());
        Expect.Exit(Expect.Usage, await RotateAsync("--safe-to-remove=unknown"), "There is no key 'unknown'");
    }

    private void Restarted(TimeSpan ago) => Cluster.ApiServer.StartedAt = DateTimeOffset.UtcNow - ago;

    /// <summary>An administrator's look.</summary>
    private Task<Output> RotateAsync(params string[] more) => RunAsync(
        ["rotate", "--kubeconfig", Cluster.AdminKubeconfig, "--verify-service-account", $"{Cluster.JobsNamespace}/oidc", "--output", "json", .. more]);

    private async Task<string> StageAsync() => (string)JsonNode.Parse(Expect.Done(await RotateAsync()).StandardOutput)!["stage"]!;

    /// <summary>Has the site look as if it had been published some time ago.</summary>
    private async Task<PagesServer> DeployEarlierAsync(TimeSpan ago, string kid)
    {
        var state = JsonNode.Parse(await ReadAsync(StatePath))!;
        foreach (var key in state["keys"]!.AsArray())
        {
            var seen = DateTimeOffset.UtcNow - (kid == (string)key!["kid"]! ? ago : ago * 2);
            key["firstSeen"] = seen.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        }

        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { [StatePath] = state.ToJsonString() });
        var pages = new PagesServer(Cluster.Authority, new ShiftedClock(-ago));
        await pages.StartAsync();
        pages.AddSite(Cluster.SiteRepository, Cluster.Repository);
        Cluster.Routes.Add(new Uri(Cluster.IssuerUrl).Host, pages);
        return pages;
    }

    /// <summary>Publishes two keys, then has the API server stop serving the older one.</summary>
    private async Task<SigningKey> RetireAsync()
    {
        var old = Keys.Signing;
        Keys.Rotate();
        Cluster.RenewTokens();
        await PublishedAsync();
        Keys.Drop(old);
        return old;
    }

    private static JsonNode StateOf(string state, string kid) =>
        JsonNode.Parse(state)!["keys"]!.AsArray().Single(key => key!["kid"]!.GetValue<string>() == kid)!;
}
