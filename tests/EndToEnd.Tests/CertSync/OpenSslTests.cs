using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.KeyVault;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CertSync;

/// <summary>What stands in the vault, judged by openssl.</summary>
public sealed class OpenSslTests(SyncFixture fixture) : IClassFixture<SyncFixture>
{
    [Theory]
    [InlineData(false, KeyForm.Traditional, "--format=pfx")]
    [InlineData(true, KeyForm.Traditional, "--pfx-encryption=aes256-sha256")]
    [InlineData(true, KeyForm.Pkcs8, "--format=pem")]
    public async Task The_secret_behind_the_certificate_is_opened_by_openssl_and_its_key_signs_for_the_leaf(bool ec, KeyForm form, string option)
    {
        var scenario = fixture.New();
        var issued = scenario.Issue("web", spec => spec with { Ec = ec, KeyForm = form });

        (await scenario.SyncAsync(option)).Expect(0, "create not-in-vault");

        scenario.AssertHas("web", issued);
        var stored = scenario.Vault.Find("web")!;
        var folder = scenario.Sandbox.Folder;
        if (option.EndsWith("pem", StringComparison.Ordinal))
        {
            Assert.Equal(StoredPolicy.Pem, stored.Policy.ContentType);
            folder.Write("all.pem", stored.Latest.ExportPem());
        }
        else
        {
            await File.WriteAllBytesAsync(folder.Combine("stored.pfx"), stored.Latest.ExportPfx());
            await OpenSslAsync(scenario, "pkcs12", "-info", "-legacy", "-in", "stored.pfx", "-passin", "pass:", "-nodes", "-out", "all.pem");
        }

        folder.Write("message", "signed by the key in the vault");
        await OpenSslAsync(scenario, "x509", "-in", "all.pem", "-pubkey", "-noout", "-out", "leaf.pub");
        await OpenSslAsync(scenario, "dgst", "-sha256", "-sign", "all.pem", "-out", "signature", "message");
        var verified = await OpenSslAsync(scenario, "dgst", "-sha256", "-verify", "leaf.pub", "-signature", "signature", "message");
        Assert.Contains("Verified OK", verified.StandardOutput, StringComparison.Ordinal);
    }

    private static async Task<Output> OpenSslAsync(Scenario scenario, params string[] arguments)
    {
        await using var openssl = new BinaryRunner("openssl") { WorkingDirectory = scenario.Sandbox.Folder.Path };
        var output = await openssl.RunAsync(arguments);
        Assert.True(output.ExitCode == 0, output.ToString());
        return output;
    }
}
