using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository.Signing;
using ClusterTrust.Oidc.Tests.Repository.Signing;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubSigningTests : GitHubTest
{
    [Fact]
    public async Task What_is_signed_with_ssh_is_what_github_stores()
    {
        using var folder = new TemporaryFolder();
        var key = Tool.MakeSshKey(folder, "ed25519");
        Server.Store.Push("a", "1");
        var signer = CommitSigners.Load(key, null, null, TimeProvider.System);

        var result = await CommitAsync(Request(FileOf("b", "2")) with { Signer = signer });

        var verdict = Tool.VerifyWithSsh(Server.Store.Path, result.Sha, "ci@example.com", File.ReadAllText(key + ".pub"));
        Assert.Contains("Good \"git\" signature", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_signed_with_openpgp_is_what_github_stores()
    {
        using var gpg = new GnuPg();
        using var folder = new TemporaryFolder();
        Server.Store.Push("a", "1");
        var signer = CommitSigners.Load(folder.Write("key", gpg.ExportPrivate(gpg.MakeKey("ed25519"))), GnuPg.Passphrase, null, TimeProvider.System);

        var result = await CommitAsync(Request(FileOf("b", "2")) with { Signer = signer });

        Assert.Contains("GOODSIG", Tool.VerifyWithGpg(Server.Store.Path, result.Sha, gpg), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_commit_needs_an_author()
    {
        using var folder = new TemporaryFolder();
        Server.Store.Push("a", "1");
        var signer = CommitSigners.Load(Tool.MakeSshKey(folder, "ed25519"), null, null, TimeProvider.System);

        var fault = await FailsAsync(() => CommitAsync(Request(FileOf("b", "2")) with { Author = null, Signer = signer }), ExitCode.Usage);

        Assert.Equal("A signed commit requires an author: set --commit-name and --commit-email.", fault.Message);
    }
}
