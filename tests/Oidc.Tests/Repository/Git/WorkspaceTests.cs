namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>What a run puts into TMPDIR, which the whole process shares; so nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(WorkspaceTests), DisableParallelization = true)]
[Collection(nameof(WorkspaceTests))]
public sealed class WorkspaceTests : GitTest, IDisposable
{
    private readonly TemporaryFolder _parent = new();
    private readonly string? _before = Environment.GetEnvironmentVariable("TMPDIR");

    public WorkspaceTests(GitHost host)
        : base(host)
    {
        Environment.SetEnvironmentVariable("TMPDIR", _parent.Combine("tmp"));
        Directory.CreateDirectory(_parent.Combine("tmp"));
    }

    private DirectoryInfo Workspaces => new(_parent.Combine("tmp"));

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("TMPDIR", _before);
        _parent.Dispose();
    }

    /// <summary>Without a HEAD, a server lists the first branch by name with its capabilities.</summary>
    [Theory]
    [InlineData(true, true), InlineData(false, true), InlineData(true, false), InlineData(false, false)]
    public async Task A_long_history_and_other_branches_stay_where_they_are(bool overSsh, bool hasHead)
    {
        await Repository.BuildHistoryAsync("main", 1000);
        await Repository.CommitAsync("archive", "Archive", [GitChange.File("archive.bin", RandomNumberGenerator.GetBytes(400_000))]);
        (await Repository.RunAsync(["symbolic-ref", "HEAD", hasHead ? "refs/heads/main" : "refs/heads/deleted"])).OrThrow();
        using var publisher = new GitSiteRepository((overSsh ? Ssh : Https) with { Branch = "main" });
        var snapshot = await publisher.ReadAsync();
        Assert.InRange(Assert.Single(Workspaces.EnumerateDirectories("clustertrust-oidc-*")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length), 1, 100_000);
        await publisher.CommitAsync(snapshot, TestRepository.Jwks);
        Assert.Equal(1002, (await Repository.LogAsync("main")).Count);
        (await Repository.RunAsync(["symbolic-ref", "HEAD", "refs/heads/main"])).OrThrow();
        Assert.Equal("", await Repository.FsckAsync());
    }

    [Fact]
    public async Task Nothing_is_left_behind_after_success_and_after_failure()
    {
        foreach (var options in new[] { Ssh, Https, Local })
        {
            await PublishAsync(options);
            await FaultAsync(options with { Branch = "missing" }, ExitCode.Usage, "has no branch missing");
            Assert.Empty(Workspaces.EnumerateDirectories("clustertrust-oidc-*"));
        }
    }

    [Fact]
    public async Task A_pack_beyond_the_limit_is_cut_off_and_nothing_left_of_it()
    {
        await PushAsync("large.txt", Convert.ToBase64String(RandomNumberGenerator.GetBytes(3 * 1024 * 1024)));
        await FaultAsync(Https with { MaximumReceivedBytes = 1024 * 1024 }, ExitCode.Failed, "sends more than 1048576 bytes");
        Assert.Empty(Workspaces.EnumerateDirectories("clustertrust-oidc-*"));
    }

    [Fact]
    public async Task A_repository_with_a_work_tree_is_a_setting_to_correct()
    {
        using var folder = new TemporaryFolder();
        Tool.Run("git", "init", "--quiet", folder.Path);
        await PublishFaultAsync(new GitRepositoryOptions { Url = folder.Path, Branch = "main" }, ExitCode.Usage, "publish to a bare repository");
    }

    [Fact]
    public async Task What_others_commit_during_a_push_into_the_file_system_is_kept()
    {
        var other = await PushAsync("other.txt", "other\n", "other");
        using var publisher = new GitSiteRepository(Local with { Branch = "main" });
        var snapshot = await publisher.ReadAsync();
        using var packs = new FileSystemWatcher(Path.Combine(Repository.Path, "objects", "pack")) { EnableRaisingEvents = true };
        packs.Created += (_, file) => File.WriteAllText(Path.Combine(Repository.Path, file.Name!.Contains('.', StringComparison.Ordinal) ? "late" : "refs/heads/main"), other + "\n");
        await Assert.ThrowsAsync<RacedException>(() => publisher.CommitAsync(snapshot, ("large", Convert.ToHexString(RandomNumberGenerator.GetBytes(2_000_000)))));
        Assert.Equal(other, Repository.Tip("main"));
        Assert.Equal("", await Repository.FsckAsync());
    }

    [Fact]
    public async Task A_missing_temporary_folder_is_a_setting_to_correct()
    {
        Environment.SetEnvironmentVariable("TMPDIR", _parent.Write("file", ""));
        await FaultAsync(Local, ExitCode.Usage, "The clone cannot be created in '");
    }

    [Fact]
    public async Task A_commit_that_cannot_be_written_is_no_refusal_of_Git()
    {
        using var publisher = new GitSiteRepository(Https);
        var snapshot = await publisher.ReadAsync();
        var objects = Path.Combine(Assert.Single(Workspaces.GetDirectories("clustertrust-oidc-*")).FullName, ".git", "objects");
        foreach (var folder in Enumerable.Range(0, 256).Select(number => Path.Combine(objects, number.ToString("x2", CultureInfo.InvariantCulture))))
        {
            Directory.CreateDirectory(folder).Delete(recursive: true);
            File.WriteAllText(folder, "in the place of a folder of objects");
        }

        await Assert.FaultAsync(ExitCode.Failed, "cannot be written", () => publisher.CommitAsync(snapshot, TestRepository.Jwks));
    }
}
