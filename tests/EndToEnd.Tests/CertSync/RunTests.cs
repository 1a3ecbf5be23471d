namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>How a run behaves: what it plans, what a terminal shows, and which cloud it signs in to. That a plan writes nothing is in <c>WholeChainTests</c>, how a run stops in <c>KillTests</c>.</summary>
public sealed class RunTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    [Fact]
    public async Task A_plan_says_what_sync_then_does_and_its_table_has_a_line_for_each()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        scenario.Sandbox.Certificates.Pending(new CertificateSpec(scenario.Namespace, "pending"));
        scenario.Sandbox.Certificates.Mismatched(new CertificateSpec(scenario.Namespace, "mismatch"));

        var planned = await scenario.PlanAsync();
        var table = await scenario.PlanAsync("--output", "table");
        var synced = await scenario.SyncAsync();

        Assert.Equal(planned.Lines, synced.Lines);
        Assert.Equal(planned.Output.ExitCode, synced.Output.ExitCode);
        Assert.StartsWith("SECRET", table.Output.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"{scenario.Namespace}/web-tls", table.Output.StandardOutput, StringComparison.Ordinal);
        var expires = scenario.Vault.Find("web")!.Latest.Certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Contains(expires, table.Output.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_shows_how_far_the_run_is_and_the_line_is_gone_at_the_end()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        await using var script = new BinaryRunner("script");
        foreach (var (name, value) in scenario.Sandbox.Environment())
        {
            script.Environment[name] = value;
        }

        script.Environment["TERM"] = "xterm";
        var command = string.Join(' ', [Binaries.Find("certsync"), "sync", .. scenario.Arguments("--namespace", scenario.Namespace), "2>&1"]);

        Expect.Done(await script.RunAsync("-qec", command, "/dev/null"), "\r\e[K0 of 1 certificates");
        Assert.DoesNotContain("\e[K", (await scenario.SyncAsync()).Output.StandardError, StringComparison.Ordinal);
    }

    /// <summary>The vaults' addresses by cloud are held by <c>VaultAddressTests</c>.</summary>
    [Fact]
    public async Task A_vault_of_a_sovereign_cloud_goes_with_its_authority()
    {
        var scenario = fixture.New(new VaultOptions { Suffix = "vault.usgovcloudapi.net" });
        scenario.Issue("web");

        var run = await scenario.Sandbox.RunAsync(
            "certsync", ["sync", .. scenario.Arguments("--namespace", scenario.Namespace)], new Dictionary<string, string> { ["AZURE_AUTHORITY_HOST"] = "https://login.microsoftonline.us/" });

        new SyncRun(run).Expect(0, "create not-in-vault");
        Assert.Contains("login.microsoftonline.us", scenario.Sandbox.Proxy.HostsAsked);
    }
}
