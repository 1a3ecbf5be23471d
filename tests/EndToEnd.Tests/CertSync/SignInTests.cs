using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>Other ways to sign in than the ServiceAccount's token in the public cloud.</summary>
public sealed class SignInTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Fact]
    public async Task A_service_principal_signs_in_with_a_secret()
    {
        var scenario = fixture.New();
        scenario.Issue("web");
        const string Password = "a-client-secret-nobody-may-see";
        scenario.Sandbox.Identity.AddSecret(Password);
        scenario.Environment["AZURE_FEDERATED_TOKEN_FILE"] = "";
        scenario.Environment["AZURE_CLIENT_SECRET"] = Password;

        (await scenario.SyncAsync()).Expect(0, "create not-in-vault");

        scenario.Environment["AZURE_CLIENT_SECRET"] = "another-secret-that-is-wrong";
        KnownSecrets.Add("another-secret-that-is-wrong");
        var wrong = await scenario.SyncAsync();
        Assert.True(wrong.Output.ExitCode == 2, wrong.Output.ToString());
        Assert.Contains("AADSTS7000215", wrong.Output.StandardError, StringComparison.Ordinal);
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
}
