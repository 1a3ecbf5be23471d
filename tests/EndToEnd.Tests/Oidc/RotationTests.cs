namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>A rotation of the signing key, against a running API server and site. The stages after a wait are held by <c>RotateJobTests</c>.</summary>
public sealed class RotationTests : SandboxTest
{
    private ServiceAccountKeys Keys => Cluster.ApiServer.Keys;

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task A_rotation_is_seen_until_its_new_key_signs()
    {
        await PublishedAsync();
        var old = Keys.Signing;
        Assert.Equal("no-rotation", await StageAsync());

        // The state file has whole seconds: the new key must be first seen in a later one.
        await Task.Delay(TimeSpan.FromSeconds(1.1));

        var added = Keys.Announce();
        Restart();
        Assert.Equal("new-key-not-public", await StageAsync());
        Expect.Exit(Expect.Failed, await RotateAsync("--safe-to-sign", added.KeyId), "it is not in the public key set");

        await PublishedAsync();
        Assert.Equal("new-key-not-cached", await StageAsync());
        Expect.Exit(Expect.Failed, await RotateAsync($"--safe-to-sign={added.KeyId}"), "a cache may be 24.2 h old");

        Keys.SignWith(added);
        Cluster.RenewTokens();
        Restart();
        Assert.Equal("signing-key-not-cached", await StageAsync());
        Expect.Exit(Expect.Failed, await RotateAsync($"--safe-to-remove={added.KeyId}"), "it signs the tokens of");
        Expect.Exit(Expect.Failed, await RotateAsync($"--safe-to-remove={old.KeyId}"), "a token lives up to 24 h");
        Expect.Exit(Expect.Usage, await RotateAsync("--safe-to-remove=unknown"), "There is no key 'unknown'");
    }

    private void Restart() => Cluster.ApiServer.StartedAt = DateTimeOffset.UtcNow;

    /// <summary>An administrator's look.</summary>
    private Task<Output> RotateAsync(params string[] more) => Cluster.RunAsync(
        "oidc", ["rotate", "--kubeconfig", Cluster.AdminKubeconfig, "--verify-service-account", $"{Cluster.JobsNamespace}/oidc", "--output", "json", .. more]);

    private async Task<string> StageAsync() => (string)JsonNode.Parse(Expect.Done(await RotateAsync()).StandardOutput)!["stage"]!;
}
