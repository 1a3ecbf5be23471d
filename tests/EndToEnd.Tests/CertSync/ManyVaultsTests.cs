using ClusterTrust.Sandbox.KeyVault;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Several vaults, and vaults that do not do what is asked.</summary>
public sealed class ManyVaultsTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    private const string VaultAnnotation = "certsync.clustertrust.dev/vault";

    [Fact]
    public async Task Annotations_send_one_certificate_to_several_vaults_and_another_to_one_of_them()
    {
        var scenario = fixture.New();
        var edge = scenario.Sandbox.AddVault($"{scenario.Vault.Name}-edge");
        scenario.Issue("both", static spec => spec with { Annotations = To("edge, vault-main") });
        scenario.Issue("one", static spec => spec with { Annotations = To("edge") });
        scenario.Issue("plain");
        scenario.Issue("lost", static spec => spec with { Annotations = To("nowhere") });

        var run = await scenario.SyncAsync("--vault", $"vault-main={scenario.Vault.Name}", "--vault", $"edge={edge.Name}");

        run.Expect(3, "refuse unknown-vault", "create not-in-vault", "create not-in-vault", "create not-in-vault", "create not-in-vault");
        Assert.Equal(["both", "plain"], scenario.Vault.Certificates.Select(static certificate => certificate.Name));
        Assert.Equal(["both", "one"], edge.Certificates.Select(static certificate => certificate.Name));
        Assert.Contains("vault-main, edge", run.Lines[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_that_cannot_be_reached_does_not_stop_the_other()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        scenario.Issue("edge", static spec => spec with { Annotations = To("edge") });

        var run = await scenario.SyncAsync("--vault", scenario.Vault.Name, "--vault", "edge=no-such-vault", "--retries", "1");

        run.Expect(1, "fail vault-unavailable", "create not-in-vault");
        Assert.Equal("edge/edge", $"{run.Lines[0].Vault}/{run.Lines[0].Name}");
        Assert.NotNull(scenario.Vault.Find("web"));
    }

    [Theory]
    [InlineData(PermissionModel.Rbac, false, "Key Vault Certificates Officer")]
    [InlineData(PermissionModel.AccessPolicy, false, "certificate permission 'list'")]
    [InlineData(PermissionModel.Rbac, true, "firewall")]
    public async Task A_vault_that_forbids_it_says_what_is_missing_and_does_not_stop_the_other(PermissionModel model, bool closed, string expected)
    {
        var scenario = fixture.New();
        var edge = scenario.Sandbox.AddVault($"{scenario.Vault.Name}-edge", new VaultOptions { PermissionModel = model, FirewallClosed = closed });
        if (!closed)
        {
            edge.Revoke(scenario.Sandbox.Identity.ClientId);
        }

        scenario.Issue("web");

        var run = await scenario.SyncAsync("--vault", scenario.Vault.Name, "--vault", $"edge={edge.Name}");

        run.Expect(1, "fail vault-forbidden", "create not-in-vault");
        Assert.Contains(expected, run.Lines[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_that_is_missing_for_one_step_fails_that_certificate_only_and_names_the_right()
    {
        var scenario = fixture.New(static options => options with { PermissionModel = PermissionModel.AccessPolicy });
        scenario.Vault.Revoke(scenario.Sandbox.Identity.ClientId, VaultRights.Import);
        scenario.Issue("web");

        var run = (await scenario.SyncAsync()).Expect(1, "fail vault-forbidden");

        Assert.Contains("'import'", run.Only.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_only_vault_failing_ends_the_run_with_one_sentence()
    {
        var scenario = fixture.New(static options => options with { FirewallClosed = true });
        scenario.Issue("web");

        var run = await scenario.SyncAsync();

        Assert.True(run.Output.ExitCode == 1, run.Output.ToString());
        Assert.Equal("", run.Output.StandardOutput);
        Assert.Contains("firewall", run.Output.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vault.usgovcloudapi.net", "https://login.microsoftonline.us/")]
    [InlineData("vault.azure.cn", "https://login.chinacloudapi.cn/")]
    public async Task A_vault_of_a_sovereign_cloud_goes_with_its_authority(string suffix, string authority)
    {
        var scenario = fixture.New(options => options with { Suffix = suffix });
        scenario.Environment["AZURE_AUTHORITY_HOST"] = authority;
        scenario.Issue("web");

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");

        Assert.EndsWith(suffix, scenario.Vault.Host, StringComparison.Ordinal);
        Assert.Contains(scenario.Vault.Host, scenario.Sandbox.Proxy.HostsAsked);
        Assert.Contains(new Uri(authority).Host, scenario.Sandbox.Proxy.HostsAsked);
    }

    private static Dictionary<string, string> To(string vaults) => new() { [VaultAnnotation] = vaults };
}
