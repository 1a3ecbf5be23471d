using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Branches that are missing, renamed, protected.</summary>
public sealed class BranchTests : OidcTest
{
    [Fact]
    public async Task An_empty_repository_gets_its_first_commit()
    {
        await PublishedAsync();

        Assert.Empty(Assert.Single(await Cluster.Repository.LogAsync("main")).Parents);
    }

    [Fact]
    public async Task A_missing_branch_is_told_with_those_there_are_and_made_on_demand()
    {
        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { ["README.md"] = "x" });

        Expect.Exit(Expect.Usage, await PublishAsync("--branch", "gh-pages"), "has no branch gh-pages (it has main; was it renamed?): correct --branch, or create it with --create-branch");
        Assert.Null(Cluster.Repository.Tip("gh-pages"));

        Expect.Done(await PublishAsync("--branch", "gh-pages", "--create-branch"));
        Assert.Empty(Assert.Single(await Cluster.Repository.LogAsync("gh-pages")).Parents);
        Assert.DoesNotContain("README.md", (await Cluster.Repository.TreeAsync("gh-pages")).Select(entry => entry.Path));
    }

    [Fact]
    public async Task The_default_branch_is_found_when_none_is_named_and_a_renamed_one_is_told()
    {
        var renamed = await Cluster.Repositories.CreateAsync("renamed/cluster-a", "trunk");
        await renamed.CommitFilesAsync("trunk", new Dictionary<string, string> { ["README.md"] = "x" });
        string[] access = ["--ssh-key", Cluster.DeployKey.PrivateKeyPath, "--known-hosts", Cluster.KnownHostsFile];

        Expect.Exit(Expect.Usage, await PublishToAsync(Cluster.Ssh.Url("renamed/cluster-a"), [.. access, "--branch", "master"]), "has no branch master (it has trunk; was it renamed?)");
        Expect.Done(await PublishToAsync(Cluster.Ssh.Url("renamed/cluster-a"), access), "on branch trunk");
        Assert.Equal(2, (await renamed.LogAsync("trunk")).Count);
    }

    [Theory]
    [InlineData("GH006: Protected branch update failed for refs/heads/main.", "is protected and refused the commit", "allow this key or app to bypass its rules")]
    [InlineData("Commits must be signed.", "A hook of ", "The server said: Commits must be signed.")]
    [InlineData("ERROR: This repository was archived so it is read-only.", "is archived and refuses commits", "unarchive it")]
    public async Task A_branch_that_refuses_the_commit_is_told_with_the_server_s_words(string message, params string[] sentences)
    {
        var tip = await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { ["README.md"] = "x" });
        Cluster.Repository.Protect(message);

        Expect.Exit(Expect.Usage, await PublishAsync(), sentences);
        Assert.Equal(tip, Cluster.Repository.Tip("main"));
    }

    [Fact]
    public async Task A_missing_repository_is_told() => Expect.Exit(
        Expect.Usage,
        await PublishAsync("--repository", Cluster.Ssh.Url("example/none"), "--site-url", Cluster.IssuerUrl),
        "There is no repository",
        "or it is hidden from these credentials");

    [Fact]
    public async Task A_long_history_and_ten_thousand_files_stay_as_they_are()
    {
        await Cluster.Repository.CommitAsync("main", "Files", [.. Enumerable.Range(0, 10_000).Select(i => GitChange.File($"files/{i % 100}/{i}.txt", $"{i}\n"))]);
        await Cluster.Repository.BuildHistoryAsync("main", 500);
        var before = await Cluster.Repository.TreeAsync("main");

        await PublishedAsync();

        var old = before.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(before, (await Cluster.Repository.TreeAsync("main")).Where(entry => old.Contains(entry.Path)));
        Assert.Equal(502, await CommitsAsync());
        Assert.Equal("", await Cluster.Repository.FsckAsync());
    }
}
