using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Pages;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>A rotation of the signing key, against a running API server and site.</summary>
public sealed class RotationTests : SandboxTest
{
    private ServiceAccountKeys Keys => Cluster.ApiServer.Keys;

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_rotation_is_led_from_the_new_key_to_the_removal_of_the_old_one()
    {
        await PublishedAsync();
        var old = Keys.Signing;
        Assert.Equal("no-rotation", await StageAsync());

        // The state file has whole seconds: the new key must be first seen in a later one.
        await Task.Delay(TimeSpan.FromSeconds(1.1));

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
    private Task<Output> RotateAsync(params string[] more) => Cluster.RunAsync(
        "oidc", ["rotate", "--kubeconfig", Cluster.AdminKubeconfig, "--verify-service-account", $"{Cluster.JobsNamespace}/oidc", "--output", "json", .. more]);

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
}
