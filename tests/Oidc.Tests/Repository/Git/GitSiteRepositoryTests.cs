using LibGit2Sharp;
using static ClusterTrust.Oidc.Tests.Repository.TestRepository;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class GitSiteRepositoryTests(GitHost host) : GitTest(host)
{
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

    /// <summary>As 'git init --bare' creates it if no other initial branch is configured.</summary>
    [Fact]
    public async Task A_repository_whose_HEAD_names_another_branch_than_the_first_run_created_is_published_to_again()
    {
        Repository.Reset("main", null);
        (await Repository.RunAsync(["symbolic-ref", "HEAD", "refs/heads/master"])).OrThrow();
        Assert.Equal(("main", "main"), ((await PublishAsync(Https)).Branch, (await PublishAsync(Https)).Branch));
        (await Repository.RunAsync(["branch", "--move", "main", "site"])).OrThrow();
        await FaultAsync(Https, ExitCode.Usage, "names no default branch (it has site): set --branch");
    }

    /// <summary>A server refuses a name that continues another one in the words of a race, which would be tried again and again.</summary>
    [Theory]
    [InlineData("master", false, "has no branch master (it has main, pages/old; was it renamed?)")]
    [InlineData("main/site", true, "beside the branch main, because one name continues the other")]
    [InlineData("pages", true, "beside the branch pages/old, because one name continues the other")]
    public async Task A_branch_that_is_not_there_or_cannot_be_is_named(string branch, bool mayBeCreated, string sentence)
    {
        await PushAsync("a", "b", "pages/old");
        await FaultAsync(Https with { Branch = branch, CreateBranch = mayBeCreated }, ExitCode.Usage, sentence);
    }

    [Fact]
    public async Task A_push_that_is_refused_is_quoted()
    {
        Repository.Protect("GH006: Protected branch update failed for refs/heads/main.");
        foreach (var options in new[] { Ssh, Https })
        {
            var fault = await PublishFaultAsync(options, ExitCode.Usage, "GH006: Protected branch update failed");
            Assert.Contains("is protected", fault.Message, StringComparison.Ordinal);
        }

        await Repository.RunAsync(["config", "receive.maxInputSize", "100"]);
        await Task.WhenAll(new[] { Ssh, Https }.Select(static options => PublishFaultAsync(options, ExitCode.Usage, "pack exceeds maximum allowed size")));

        await Repository.RunAsync(["config", "receive.hideRefs", "refs/heads"]);
        await PublishFaultAsync(Ssh, ExitCode.Usage, "refused the commit to main of");
        Assert.Equal(Tip, Repository.Tip("main"));
    }

    [Fact]
    public async Task A_repository_of_SHA_256_objects_or_without_history_is_a_setting_to_correct()
    {
        const string Fault = "has an object format other than SHA-1";
        File.WriteAllText(Path.Combine(Repository.Path, "shallow"), Tip + "\n");
        await PublishFaultAsync(Local, ExitCode.Usage, "is a shallow clone");
        Directory.Delete(Repository.Path, recursive: true);
        Tool.Run("git", "init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main", Repository.Path);
        await Task.WhenAll(new[] { Ssh, Https, Local }.Select(static options => PublishFaultAsync(options, ExitCode.Usage, Fault)));
        await PushAsync("a", "1");
        await Task.WhenAll(new[] { Ssh, Local }.Select(static options => PublishFaultAsync(options, ExitCode.Usage, Fault)));
    }

    [Fact]
    public async Task A_branch_that_names_another_moves_it_and_only_a_lock_of_someone_else_is_a_race_in_the_file_system()
    {
        using var transport = new LocalTransport(RepositoryAddress.Parse(Repository.Path), Local);
        (await Repository.RunAsync(["symbolic-ref", "refs/heads/site", "refs/heads/main"])).OrThrow();
        Assert.Equal((await PublishAsync(Local with { Branch = "site" })).Sha, Repository.Tip("main"));
        File.WriteAllText(Path.Combine(Repository.Path, "refs/heads/main.lock"), "");
        await PublishFaultAsync(Local, ExitCode.Failed, "changed during the push (failed to lock: The file '");
        Assert.Throws<LibGit2SharpException>(() => transport.Move(new string('b', 252), null, Tip));
    }

    [Fact]
    public async Task A_snapshot_of_an_earlier_reading_is_not_committed_on()
    {
        using var publisher = new GitSiteRepository(Ssh);
        var first = await publisher.ReadAsync();
        await publisher.ReadAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => publisher.CommitAsync(first, Jwks));
    }

    /// <summary>A folder that this user may not search would fail every clone.</summary>
    [Fact]
    public void Configuration_files_are_searched_for_in_no_folder()
    {
        GitLibrary.EnsureReady();
        ConfigurationLevel[] levels = [ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System, ConfigurationLevel.ProgramData];
        Assert.All(levels.SelectMany(static level => GlobalSettings.GetConfigSearchPaths(level)), Assert.Empty);
    }
}
