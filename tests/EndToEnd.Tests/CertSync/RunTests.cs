namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>What a terminal shows of a run, and which cloud it signs in to.</summary>
public sealed class RunTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task A_terminal_shows_how_far_the_run_is_and_the_line_is_gone_at_the_end()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        await using var script = new BinaryRunner("script");
        var command = string.Join(' ', [$"'{Binaries.Find("certsync")}'", "sync", .. scenario.Arguments("--namespace", scenario.Namespace), "2>&1"]);
        Expect.Done(await script.RunAsync(["-qec", command, "/dev/null"], new Dictionary<string, string>(scenario.Sandbox.Environment()) { ["TERM"] = "xterm" }), "\r\e[K0 of 1 certificates");
        Assert.DoesNotContain("\e[K", (await scenario.SyncAsync()).Output.StandardError, StringComparison.Ordinal);
    }

    /// <summary><c>VaultAddressTests</c> test the vaults' addresses by cloud.</summary>
    [Fact]
    public async Task A_vault_of_a_sovereign_cloud_goes_with_its_authority()
    {
        var scenario = fixture.New(new VaultOptions { Suffix = "vault.usgovcloudapi.net" });
        scenario.Issue("web");
        var run = await scenario.Sandbox.RunAsync(
            "certsync", ["sync", .. scenario.Arguments("--namespace", scenario.Namespace)], new Dictionary<string, string> { ["AZURE_AUTHORITY_HOST"] = "https://login.microsoftonline.us/" });
        Assert.Equal(["create not-in-vault"], new SyncRun(Expect.Done(run)).Lines);
        Assert.Contains("login.microsoftonline.us", scenario.Sandbox.Proxy.HostsAsked);
    }
}
