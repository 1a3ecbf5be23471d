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
    public async Task Git_and_ssh_accept_a_commit_signed_with_an_SSH_key()
    {
        using var key = await SshKeyPair.CreateAsync(SshKeyType.Ed25519, "a pass phrase");

        Expect.Done(await RunAsync(
            [
                "publish", .. Cluster.OidcArguments(), .. Identity, "--signing-key", key.PrivateKeyPath,
                "--signing-key-passphrase-file", Cluster.Folder.Write("passphrase", "a pass phrase\n"), "--no-verify",
            ]));

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
