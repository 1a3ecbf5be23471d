using static ClusterTrust.Oidc.Tests.Repository.TestRepository;

namespace ClusterTrust.Oidc.Tests.Repository;

/// <summary>What is alike on every way to a repository.</summary>
public sealed class SiteRepositoryTests(GitHost host) : GitHubTest(host)
{
    public enum Way
    {
        Ssh,
        Https,
        File,
        GitHub,
    }

    public static TheoryData<Way> Ways => new(Enum.GetValues<Way>());

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_commit_changes_the_plans_files_and_nothing_else(Way way)
    {
        byte[] odd = [0, 0xFF, 0x0D, 0x0A, 0x80];
        var before = await Repository.CommitAsync("main", "Others", [GitChange.Symlink("deep/er/link", "x"), new GitChange("index.html", "100755", odd)]);
        var tree = await Repository.TreeAsync("main");
        var publisher = Open(way);
        await publisher.ReadAsync();
        var request = Request(Jwks, (".nojekyll", ""), ("other", "ü"));

        var result = await publisher.PublishAsync(request);

        Assert.Equal((Repository.Tip("main"), "main"), (result.Sha, result.Branch));
        Assert.Equal([before], (await Repository.LogAsync("main"))[0].Parents);
        var who = $"Jörg Test <ci@example.com> {request.Author!.Time.ToUnixTimeSeconds()} +0000";
        Assert.EndsWith(
            $"\nauthor {who}\ncommitter {who}\n\nAdd a key\n\nAdded:\n- kid-ü{(way == Way.GitHub ? "" : "\n")}",
            (await Repository.RunAsync(["cat-file", "commit", result.Sha])).StandardOutput,
            StringComparison.Ordinal);
        Assert.Equal(Jwks.Text, await Repository.ReadTextAsync("main", Jwks.Path));
        Assert.Equal("ü", await Repository.ReadTextAsync("main", "other"));
        Assert.Equal(tree, (await Repository.TreeAsync("main")).Where(entry => request.Files.All(file => file.Path != entry.Path)));
        Assert.Equal("", await Repository.FsckAsync());

        var snapshot = await publisher.ReadAsync();
        Assert.Equal(("main", result.Sha), (snapshot.Branch, snapshot.Tip));
        Assert.Equal([".nojekyll", "index.html", Jwks.Path], snapshot.Site.Files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((Jwks.Text, ""), (snapshot.Site.Text(Jwks.Path), snapshot.Site.Text(".nojekyll")));
        Assert.Equal(odd, snapshot.Site.Files["index.html"].ToArray());
        Assert.Empty(snapshot.Site.Obstacles);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_commit_that_brought_a_text_is_found_within_the_history_that_is_read(Way way)
    {
        await PushAsync(Jwks.Path, "kid-1");
        var brought = await PushAsync(Jwks.Path, "kid-1 kid-2");
        await PushAsync(Jwks.Path, "kid-1 kid-2 kid-3");
        await PushAsync("README.md", "later");
        Assert.Equal(new CommitReference(brought, IsExact: true), await FindAsync());

        await Repository.BuildHistoryAsync("main", 50, Jwks.Path, static later => $"kid-1 kid-2 {later}");

        // Over the network the history is read in part, and that is reported.
        var found = await FindAsync();
        Assert.Equal(way == Way.File, found.IsExact);
        Assert.Equal(way == Way.File ? $"commit {brought}" : $"at or before commit {found.Sha}", found.ToString());

        async Task<CommitReference> FindAsync()
        {
            var reader = Open(way);
            return await reader.FindIntroductionAsync(await reader.ReadAsync(), Jwks.Path, "kid-2", default);
        }
    }

    /// <summary>Where GitHub's API has to begin with a commit of one file.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_empty_repository_gets_a_first_commit(Way way)
    {
        Repository.Reset("main", null);
        var publisher = Open(way);
        var snapshot = await publisher.ReadAsync();
        Assert.Equal(("main", null), (snapshot.Branch, snapshot.Tip));
        Assert.Empty(snapshot.Site.Files);

        Assert.Equal((await publisher.CommitAsync(snapshot, Jwks, (".nojekyll", ""))).Sha, Repository.Tip("main"));

        var log = await Repository.LogAsync("main");
        Assert.Equal("Add a key\n\nAdded:\n- kid-ü", log[0].Message);
        string[] files = [".nojekyll", Jwks.Path];
        Assert.Equal(files, (await Repository.TreeAsync("main")).Select(static entry => entry.Path));
        Assert.Equal(way == Way.GitHub ? [log[0].Parents[0]] : [], log.Skip(1).Select(static commit => commit.Sha));
        Assert.Equal(way == Way.GitHub ? files[..1] : files, (await Repository.TreeAsync(log[^1].Sha)).Select(static entry => entry.Path));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_commit_between_reading_and_publishing_is_a_lost_race_that_a_new_reading_wins(Way way)
    {
        var publisher = Open(way);
        var stale = await publisher.ReadAsync();
        var others = await PushAsync("other.txt", "other\n");
        Assert.Equal(ExitCode.Failed, (await Assert.ThrowsAsync<RacedException>(() => publisher.CommitAsync(stale, Jwks))).ExitCode);
        Assert.Equal(others, Repository.Tip("main"));
        await publisher.PublishAsync(Request(Jwks));
        Assert.Equal([others], (await Repository.LogAsync("main"))[0].Parents);
    }

    /// <summary>The move from an earlier commit would be a fast-forward, and bring back what the reset took away.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_branch_that_was_reset_or_deleted_meanwhile_stays_so(Way way)
    {
        await PushAsync("rogue.txt", "to be undone\n");
        await PushAsync("a", "1", "other");
        foreach (var target in new[] { Tip, null })
        {
            var publisher = Open(way, "main");
            var stale = await publisher.ReadAsync();
            Repository.Reset("main", target);
            await Assert.ThrowsAsync<RacedException>(() => publisher.CommitAsync(stale, Jwks));
            Assert.Equal(target, Repository.Tip("main"));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_missing_branch_is_created_without_history_on_request_and_only_once(Way way)
    {
        var slower = Open(way, "gh-pages");
        var snapshot = await slower.ReadAsync();
        var result = await Open(way, "gh-pages").PublishAsync(Request(Jwks));
        Assert.Equal((Repository.Tip("gh-pages"), "gh-pages"), (result.Sha, result.Branch));
        Assert.Empty(Assert.Single(await Repository.LogAsync("gh-pages")).Parents);
        Assert.Single(await Repository.TreeAsync("gh-pages"));
        Assert.Equal(Tip, Repository.Tip("main"));
        await Assert.ThrowsAsync<RacedException>(() => slower.CommitAsync(snapshot, (Jwks.Path, "later")));
        Assert.Equal(result.Sha, Repository.Tip("gh-pages"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Links_submodules_and_folders_in_place_of_a_file_are_obstacles_and_not_followed(Way way)
    {
        await Repository.CommitAsync("main", "Obstacles", [
            GitChange.Symlink("openid", "/etc"), GitChange.Symlink("index.html", "README.md"), GitChange.File("CNAME", "example.com"), GitChange.File(".nojekyll/file", "in a folder\n")]);
        const string Submodule = "commit refs/heads/main\ncommitter A <a@example.com> 0 +0000\ndata 0\nfrom refs/heads/main^0\nM 160000 1111111111111111111111111111111111111111 .well-known\n";
        (await Repository.RunAsync(["fast-import", "--quiet"], Encoding.ASCII.GetBytes(Submodule))).OrThrow();

        var site = (await Open(way).ReadAsync()).Site;
        await PushAsync("openid", "a file\n");

        Assert.Equal(["CNAME"], site.Files.Keys);
        Assert.Equal("a symbolic link (openid)", site.Obstacles[Layout.JwksPath]);
        Assert.Equal("a symbolic link", site.Obstacles["index.html"]);
        Assert.Equal("a submodule (.well-known)", site.Obstacles[Layout.DiscoveryPath]);
        Assert.Equal("a folder", site.Obstacles[".nojekyll"]);
        Assert.Equal("a file (openid)", (await Open(way).ReadAsync()).Site.Obstacles[Layout.JwksPath]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Workflows_are_read_up_to_a_size_of_each_and_of_all(Way way)
    {
        await Repository.CommitFilesAsync("main", new Dictionary<string, string>
        {
            [".github/workflows/pages.yml"] = "on: push\n",
            [".github/workflows/notes.txt"] = "",
            [".github/workflows/long.yml"] = new string('#', 1024 * 1024),
            [".github/workflows/site-1.yml"] = new string('#', 512 * 1024),
            [".github/workflows/site-2.yml"] = new string('#', 512 * 1024),
            [".github/workflows/site-3.yml"] = "",
        });

        var workflows = (await Open(way).ReadAsync()).Workflows;

        Assert.Equal([".github/workflows/pages.yml", ".github/workflows/site-1.yml"], workflows.Keys);
        Assert.Equal("on: push\n", Encoding.UTF8.GetString(workflows[".github/workflows/pages.yml"].Span));
    }

    /// <param name="branch">The branch, which may be created; null for the default one.</param>
    private ISiteRepository Open(Way way, string? branch = null) => way == Way.GitHub
        ? Open(Options with { Branch = branch, CreateBranch = branch is not null })
        : Opened(new GitSiteRepository((way == Way.Ssh ? Ssh : way == Way.Https ? Https : Local) with { Branch = branch, CreateBranch = branch is not null }));
}
