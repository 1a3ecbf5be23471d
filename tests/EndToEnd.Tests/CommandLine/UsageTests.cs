using ClusterTrust.EndToEnd.Tests.Oidc;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.CommandLine;

/// <summary>What the built binaries answer to settings that cannot be right: exit code 2 and every fault at once, before anything is contacted.</summary>
public sealed class UsageTests
{
    [Fact]
    public async Task Oidc_names_every_fault_of_its_settings()
    {
        await using var oidc = new BinaryRunner(Binaries.Find("oidc"));

        Expect.Exit(
            Expect.Usage,
            await oidc.RunAsync(
                ["publish", "--issuer", "http://insecure.example.com", "--repository", ":::", "--retain-removed-keys", "a while"],
                new Dictionary<string, string> { ["OIDC_VERIFY_TIMEOUT"] = "soon" }),
            "--issuer",
            "--repository",
            "--retain-removed-keys",
            "OIDC_VERIFY_TIMEOUT");
    }

    [Theory]
    [InlineData("--prune=everything", "keep, disable or delete")]
    [InlineData("--vualt=x", "--vault")]
    public async Task Certsync_says_what_would_be_right(string flag, string hint)
    {
        await using var certsync = new BinaryRunner(Binaries.Find("certsync"));

        Expect.Exit(Expect.Usage, await certsync.RunAsync("sync", "--vault", "vault-main", "--cluster", "blue", flag), hint);
    }
}
