using static ClusterTrust.Oidc.Tests.Repository.TestRepository;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class GitSiteRepositoryTests(GitHost host) : GitTest(host)
{
    public enum Way
    {
        Ssh,
        Https,
        File,
    }

    public static TheoryData<Way> Ways => [Way.Ssh, Way.Https, Way.File];

    public static TheoryData<Way> RemoteWays => [Way.Ssh, Way.Https];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_commit_changes_the_plans_files_and_nothing_else(Way way)
    {
        var tree = await Repository.TreeAsync("main");

        using var publisher = new GitSiteRepository(Options(way));
        var result = await publisher.PublishAsync(Request(Jwks, (".nojekyll", "")));

        Assert.Equal(Repository.Tip("main"), result.Sha);
        Assert.Equal("main", result.Branch);
        var commit = (await Repository.LogAsync("main"))[0];
        Assert.Equal([Tip], commit.Parents);
        Assert.Equal("Jörg Test <ci@example.com>", commit.Author);
        Assert.Equal("Add a key\n\nAdded:\n- kid-ü", commit.Message.Trim());
        Assert.Equal(Jwks.Text, await Repository.ReadTextAsync("main", Jwks.Path));
        Assert.Equal(tree, (await Repository.TreeAsync("main")).Where(entry => entry.Path != Jwks.Path && entry.Path != ".nojekyll"));
        Assert.Equal("", await Repository.FsckAsync());

        var snapshot = await publisher.ReadAsync();
        Assert.Equal(result.Sha, snapshot.Tip);
        Assert.Equal(Jwks.Text, snapshot.Site.Text(Jwks.Path));
        Assert.Equal([".nojekyll", Jwks.Path], snapshot.Site.Files.Keys.Order());
        Assert.Empty(snapshot.Site.Obstacles);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_commit_that_brought_a_text_is_found_within_the_history_that_is_read(Way way)
    {
        await WriteAsync(Jwks.Path, "kid-1");
        var brought = await WriteAsync(Jwks.Path, "kid-1 kid-2");
        await WriteAsync(Jwks.Path, "kid-1 kid-2 kid-3");
        await WriteAsync("README.md", "later");

        Assert.Equal(new CommitReference(brought, IsExact: true), await FindAsync("kid-2"));

        for (var later = 0; later < 50; later++)
        {
            await WriteAsync("README.md", $"{later}");
        }

        // Over the network the history is read in part, and that is said.
        var found = await FindAsync("kid-2");
        Assert.Equal(way == Way.File, found.IsExact);
        Assert.Equal(way == Way.File ? $"commit {brought}" : $"at or before commit {found.Sha}", found.ToString());

        Task<string> WriteAsync(string path, string text) => Repository.CommitFilesAsync("main", new Dictionary<string, string> { [path] = text });

        async Task<CommitReference> FindAsync(string text)
        {
            using var reader = new GitSiteRepository(Options(way));
            return await reader.FindIntroductionAsync(await reader.ReadAsync(), Jwks.Path, text, default);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_empty_repository_gets_a_first_commit(Way way)
    {
        var (name, repository) = await Host.CreateAsync(empty: true);
        using var publisher = new GitSiteRepository(Options(way, name, repository));
        var snapshot = await publisher.ReadAsync();
        Assert.Null(snapshot.Tip);
        Assert.Equal("main", snapshot.Branch);

        var result = await publisher.CommitAsync(snapshot, Jwks);

        Assert.Equal(repository.Tip("main"), result.Sha);
        Assert.Equal([Jwks.Path], (await repository.TreeAsync("main")).Select(entry => entry.Path));
    }

    [Theory]
    [MemberData(nameof(RemoteWays))]
    public async Task A_commit_between_reading_and_pushing_is_a_lost_race_that_a_new_reading_wins(Way way)
    {
        using var publisher = new GitSiteRepository(Options(way));
        var stale = await publisher.ReadAsync();
        var others = await Repository.CommitFilesAsync("main", new Dictionary<string, string> { ["other.txt"] = "other\n" });

        Assert.Equal(ExitCode.Failed, (await Assert.ThrowsAsync<RacedException>(() => publisher.CommitAsync(stale, Jwks))).ExitCode);
        Assert.Equal(others, Repository.Tip("main"));

        var fresh = await publisher.ReadAsync();
        Assert.Equal(others, fresh.Tip);
        await publisher.CommitAsync(fresh, Jwks);
        Assert.Equal([others], (await Repository.LogAsync("main"))[0].Parents);
    }

    [Theory]
    [InlineData(Way.Ssh, true)]
    [InlineData(Way.Ssh, false)]
    [InlineData(Way.Https, true)]
    [InlineData(Way.Https, false)]
    [InlineData(Way.File, true)]
    [InlineData(Way.File, false)]
    public async Task A_branch_that_was_deleted_or_reset_meanwhile_stays_so(Way way, bool isDeleted)
    {
        var earlier = Repository.Tip("main");
        await Repository.CommitFilesAsync("main", new Dictionary<string, string> { ["rogue.txt"] = "to be undone\n" });
        using var publisher = new GitSiteRepository(Options(way));
        var stale = await publisher.ReadAsync();
        (await Repository.RunAsync(isDeleted ? ["update-ref", "-d", "refs/heads/main"] : ["update-ref", "refs/heads/main", earlier!])).OrThrow();

        await Assert.ThrowsAsync<RacedException>(() => publisher.CommitAsync(stale, Jwks));

        Assert.Equal(isDeleted ? null : earlier, Repository.Tip("main"));
    }

    [Fact]
    public async Task Publishers_that_race_lose_no_commit_and_double_none()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async publisherNumber =>
        {
            using var publisher = new GitSiteRepository(publisherNumber % 2 == 0 ? Ssh : Https);
            while (await Assert.AtMostFaultAsync<JobException>(() => publisher.PublishAsync(Request(($"clusters/{publisherNumber}", "here\n")))) is { } fault)
            {
                Assert.IsType<RacedException>(fault);
            }
        }));

        Assert.Equal(5, (await Repository.LogAsync("main")).Count);
        Assert.Equal(4, (await Repository.TreeAsync("main")).Count(entry => entry.Path.StartsWith("clusters/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_missing_branch_is_named_and_created_without_history_on_request()
    {
        await FaultAsync(Ssh with { Branch = "master" }, ExitCode.Usage, "has no branch master (it has main; was it renamed?)");

        await PublishAsync(Ssh with { Branch = "gh-pages", CreateBranch = true });
        Assert.Empty(Assert.Single(await Repository.LogAsync("gh-pages")).Parents);
        Assert.Single(await Repository.TreeAsync("gh-pages"));
        Assert.Single(await Repository.LogAsync("main"));
    }

    /// <summary>As 'git init --bare' makes it where no other initial branch is configured.</summary>
    [Fact]
    public async Task A_repository_whose_HEAD_names_another_branch_than_the_first_run_created_is_published_to_again()
    {
        var (name, repository) = await Host.CreateAsync(empty: true);
        (await repository.RunAsync(["symbolic-ref", "HEAD", "refs/heads/master"])).OrThrow();

        Assert.Equal(("main", "main"), ((await PublishAsync(Host.OverHttps(name))).Branch, (await PublishAsync(Host.OverHttps(name))).Branch));

        (await repository.RunAsync(["branch", "--move", "main", "site"])).OrThrow();
        await FaultAsync(Host.OverHttps(name), ExitCode.Usage, "names no default branch (it has site): set --branch");
    }

    /// <summary>A server refuses it in the words of a race, which would be tried again and again.</summary>
    [Theory]
    [InlineData("main/site", "main")]
    [InlineData("pages", "pages/old")]
    public async Task A_branch_whose_name_continues_another_one_is_refused(string branch, string other)
    {
        await Repository.CommitFilesAsync("pages/old", new Dictionary<string, string> { ["a"] = "b" });

        await FaultAsync(Https with { Branch = branch, CreateBranch = true }, ExitCode.Usage, $"beside the branch {other}, because one name continues the other");
    }

    [Theory]
    [MemberData(nameof(RemoteWays))]
    public async Task A_hook_that_declines_is_quoted(Way way)
    {
        Repository.Protect("GH006: Protected branch update failed for refs/heads/main.");
        var fault = await PublishFaultAsync(Options(way), ExitCode.Usage, "GH006: Protected branch update failed");
        Assert.Contains("is protected", fault.Message, StringComparison.Ordinal);
        Assert.Equal(Tip, Repository.Tip("main"));
    }

    [Theory]
    [MemberData(nameof(RemoteWays))]
    public async Task A_push_that_the_server_does_not_unpack_is_quoted(Way way)
    {
        await Repository.RunAsync(["config", "receive.maxInputSize", "100"]);
        Assert.IsType<RacedException>(await PublishFaultAsync(Options(way), ExitCode.Failed, "pack exceeds maximum allowed size"));
    }

    [Theory]
    [InlineData(Way.Ssh, true)]
    [InlineData(Way.Ssh, false)]
    [InlineData(Way.Https, true)]
    [InlineData(Way.File, true)]
    [InlineData(Way.File, false)]
    public async Task A_repository_of_SHA_256_objects_is_a_setting_to_correct(Way way, bool empty)
    {
        var (name, repository) = await Host.CreateAsync(empty: true);
        Directory.Delete(repository.Path, recursive: true);
        Tool.Run("git", "init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main", repository.Path);
        if (!empty)
        {
            await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["a"] = "1" });
        }

        await PublishFaultAsync(Options(way, name, repository), ExitCode.Usage, "has an object format other than SHA-1");
    }

    [Fact]
    public async Task A_snapshot_of_an_earlier_reading_is_not_committed_on()
    {
        using var publisher = new GitSiteRepository(Ssh);
        var first = await publisher.ReadAsync();
        await publisher.ReadAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => publisher.CommitAsync(first, Jwks));
    }

    private GitRepositoryOptions Options(Way way, string name, GitRepository repository) =>
        way == Way.Ssh ? Host.OverSsh(name) : way == Way.Https ? Host.OverHttps(name) : new GitRepositoryOptions { Url = "file://" + repository.Path };

    private GitRepositoryOptions Options(Way way) => Options(way, Name, Repository);
}
