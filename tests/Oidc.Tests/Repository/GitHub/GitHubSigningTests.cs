namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

/// <summary>What is signed is what GitHub stores.</summary>
public sealed class GitHubSigningTests(GitHost host) : GitHubTest(host)
{
    [Fact]
    public async Task A_commit_is_signed_with_ssh_as_it_is_stored_or_not_published()
    {
        using var key = await SshKeyPair.CreateAsync();
        var signer = Load(key.PrivateKeyPath);
        await Assert.FaultAsync(
            ExitCode.Usage,
            "A signed commit requires an author: set --commit-name and --commit-email.",
            () => Open().PublishAsync(TestRepository.Request(("b", "2")) with { Author = null, Signer = signer }));

        Server.Tamper = static (context, body) => context.Request.Path.Value!.EndsWith("/git/commits", StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("Add a key", "Add another key", StringComparison.Ordinal))
            : body;
        await Assert.FaultAsync(ExitCode.Failed, "GitHub stored a commit that differs from the signed one", () => CommitAsync(signer: signer));
        Assert.Equal(Tip, Repository.Tip("main"));

        Server.Tamper = null;
        Tool.VerifyWithSsh(Repository.Path, (await CommitAsync(signer: signer)).Sha, key.PublicKey);
    }

    [Fact]
    public async Task A_commit_is_signed_with_openpgp_as_it_is_stored()
    {
        using var gpg = new GnuPg();
        var result = await CommitAsync(signer: Load(Host.Write(gpg.PrivateKey), GnuPg.Passphrase));
        Assert.Contains("GOODSIG", Tool.VerifyWithGpg(Repository.Path, result.Sha, gpg), StringComparison.Ordinal);
    }

    private static ICommitSigner Load(string path, string? passphrase = null) => CommitSigners.Load(path, passphrase, TimeProvider.System);
}
