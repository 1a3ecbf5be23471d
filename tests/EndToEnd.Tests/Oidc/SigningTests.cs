using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Signed commits, judged by the real git.</summary>
public sealed class SigningTests : OidcTest
{
    private const string Email = "publisher@example.com";
    private static readonly string[] Identity = ["--commit-name", "Publisher", "--commit-email", Email];

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa3072")]
    public async Task Git_and_gpg_accept_a_commit_signed_with_an_OpenPGP_key_and_its_passphrase(string algorithm)
    {
        const string Passphrase = "grüne Wiese 42";
        await using var gpg = new BinaryRunner(Tools.Find("gpg", "gnupg"));
        var home = Path.Combine(gpg.Home, ".gnupg");
        string[] batch = ["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", Passphrase];
        Expect.Done(await gpg.RunAsync([.. batch, "--quick-generate-key", $"Publisher <{Email}>", algorithm, "sign", "1d"]));
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

    [Theory]
    [InlineData(SshKeyType.Ed25519)]
    [InlineData(SshKeyType.Ecdsa)]
    [InlineData(SshKeyType.Rsa)]
    public async Task Git_and_ssh_accept_a_commit_signed_with_an_SSH_key(SshKeyType type)
    {
        using var key = await SshKeyPair.CreateAsync(type, "a pass phrase");

        Expect.Done(await RunWithPassphraseAsync(key.PrivateKeyPath, "a pass phrase"));

        var allowed = Cluster.Folder.Write("allowed", $"{Email} namespaces=\"git\" {key.PublicKeyWithoutComment}\n");
        var verdict = await JudgeAsync(
            ["-c", "gpg.format=ssh", "-c", $"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", Cluster.Repository.Tip("main")!]);
        Assert.Contains($"Good \"git\" signature for {Email}", verdict.StandardOutput + verdict.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_passphrase_or_a_missing_key_ends_the_run_before_anything_is_read()
    {
        using var key = await SshKeyPair.CreateAsync(SshKeyType.Ed25519, "a pass phrase");

        Expect.Silent(Expect.Exit(Expect.Usage, await RunWithPassphraseAsync(key.PrivateKeyPath, "another"), "passphrase"), "another\"");
        Expect.Exit(Expect.Usage, await PublishAsync("--signing-key", "/nowhere/key"), "--signing-key");
        Assert.Null(Cluster.Repository.Tip("main"));
    }

    private Task<Output> RunWithPassphraseAsync(string key, string passphrase) => RunAsync(
        ["publish", .. Cluster.OidcArguments(), .. Identity, "--signing-key", key, "--no-verify"],
        new Dictionary<string, string> { ["OIDC_SIGNING_KEY_PASSPHRASE"] = passphrase });

    private async Task<Output> JudgeAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        await using var git = new BinaryRunner(Tools.Find("git", "git"));
        return Expect.Done(await git.RunAsync(
            ["-C", Cluster.Repository.Path, .. arguments], environment.ToDictionary(variable => variable.Name, variable => variable.Value)));
    }
}
