using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Signed commits, judged by the real git.</summary>
public sealed class SigningTests : OidcTest
{
    private const string Email = "publisher@example.com";
    private static readonly string[] Identity = ["--commit-name", "Publisher", "--commit-email", Email];

    [Fact]
    public async Task Git_and_gpg_accept_a_commit_signed_with_an_OpenPGP_key_and_its_passphrase()
    {
        const string Passphrase = "grüne Wiese 42";
        await using var gpg = new BinaryRunner(Tools.Find("gpg", "gnupg"));
        var home = Path.Combine(gpg.Home, ".gnupg");
        string[] batch = ["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", Passphrase];
        Expect.Done(await gpg.RunAsync([.. batch, "--quick-generate-key", $"Publisher <{Email}>", "ed25519", "sign", "1d"]));
        var exported = Expect.Done(await gpg.RunAsync([.. batch, "--armor", "--export-secret-keys", Email])).StandardOutput;
        try
        {
            Expect.Silent(
                Expect.Done(await PublishAsync(
                    [
                        .. Identity, "--signing-key", Cluster.Folder.Write("gpg-private-key", exported),
                        "--signing-key-passphrase-file", Cluster.Folder.Write("gpg-passphrase", Passphrase + "\n"),
                    ])),
                Passphrase,
                "PRIVATE KEY");

            var verdict = await JudgeAsync(["verify-commit", "--raw", Cluster.Repository.Tip("main")!], ("GNUPGHOME", home));
            Assert.Contains("GOODSIG", verdict.StandardError, StringComparison.Ordinal);
            var commit = Assert.Single(await Cluster.Repository.LogAsync("main"));
            Assert.Equal(($"Publisher <{Email}>", $"Publisher <{Email}>"), (commit.Author, commit.Committer));
        }
        finally
        {
            await using var gpgconf = new BinaryRunner(Tools.Find("gpgconf", "gnupg"));
            await gpgconf.RunAsync(["--kill", "all"], new Dictionary<string, string> { ["GNUPGHOME"] = home });
        }
    }

    [Fact]
    public async Task Git_and_ssh_accept_a_commit_signed_with_an_SSH_key()
    {
        using var key = await SshKeyPair.CreateAsync(SshKeyType.Ed25519, "a pass phrase");

        Expect.Done(await RunAsync(
            ["publish", .. Cluster.OidcArguments(), .. Identity, "--signing-key", key.PrivateKeyPath, "--no-verify"],
            new Dictionary<string, string> { ["OIDC_SIGNING_KEY_PASSPHRASE"] = "a pass phrase" }));

        var allowed = Cluster.Folder.Write("allowed", $"{Email} namespaces=\"git\" {key.PublicKeyWithoutComment}\n");
        var verdict = await JudgeAsync(
            ["-c", "gpg.format=ssh", "-c", $"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", Cluster.Repository.Tip("main")!]);
        Assert.Contains($"Good \"git\" signature for {Email}", verdict.StandardOutput + verdict.StandardError, StringComparison.Ordinal);
    }

    private async Task<Output> JudgeAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        await using var git = new BinaryRunner(Tools.Find("git", "git"));
        return Expect.Done(await git.RunAsync(
            ["-C", Cluster.Repository.Path, .. arguments], environment.ToDictionary(variable => variable.Name, variable => variable.Value)));
    }
}
