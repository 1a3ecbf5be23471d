namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubSigningTests : GitHubTest
{
    [Fact]
    public async Task What_is_signed_with_ssh_is_what_github_stores()
    {
        using var key = await SshKeyPair.CreateAsync();
        Tool.VerifyWithSsh(Repository.Path, (await CommitAsync(signer: Load(key.PrivateKeyPath))).Sha, key.PublicKey);
    }

    [Fact]
    public async Task What_is_signed_with_openpgp_is_what_github_stores()
    {
        using var gpg = new GnuPg();
        var result = await CommitAsync(signer: Load(Folder.Write("key", gpg.PrivateKey), GnuPg.Passphrase));
        Assert.Contains("GOODSIG", Tool.VerifyWithGpg(Repository.Path, result.Sha, gpg), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_GitHub_stores_otherwise_than_it_was_signed_is_not_published()
    {
        var tip = Repository.Tip("main");
        Server.Tamper = static (context, body) => context.Request.Path.Value!.EndsWith("/git/commits", StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("Add a key", "Add another key", StringComparison.Ordinal))
            : body;
        using var key = await SshKeyPair.CreateAsync();

        await Assert.FaultAsync(ExitCode.Failed, "GitHub stored a commit that differs from the signed one", () => CommitAsync(signer: Load(key.PrivateKeyPath)));

        Assert.Equal(tip, Repository.Tip("main"));
    }

    [Fact]
    public async Task A_signed_commit_needs_an_author()
    {
        using var key = await SshKeyPair.CreateAsync();
        var request = TestRepository.Request(("b", "2")) with { Author = null, Signer = Load(key.PrivateKeyPath) };
        await Assert.FaultAsync(ExitCode.Usage, "A signed commit requires an author: set --commit-name and --commit-email.", () => Open().PublishAsync(request));
    }

    private static ICommitSigner Load(string path, string? passphrase = null) => CommitSigners.Load(path, passphrase, TimeProvider.System);
}
