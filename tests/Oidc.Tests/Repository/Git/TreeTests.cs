namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>What others have in the Repository.</summary>
public sealed class TreeTests(GitHost host) : GitTest(host)
{
    [Fact]
    public async Task Names_that_are_not_UTF8_links_modes_and_submodules_survive_a_commit()
    {
        var blob = (await Repository.RunAsync(["rev-parse", "main:README.md"])).StandardOutput.Trim();
        var before = await CommitAsync(
            Repository, ("100644", "caf\u00e9.txt", blob), ("120000", "link", blob), ("160000", "module", Repository.Tip("main")!), ("100755", "run.sh", blob));

        await PublishAsync(Ssh);

        Assert.Equal(await ListAsync(before), (await ListAsync("main")).Where(static line => !line.EndsWith("openid", StringComparison.Ordinal)));
        Assert.Contains(await ListAsync("main"), static line => line.EndsWith("openid", StringComparison.Ordinal));

        async Task<IEnumerable<string>> ListAsync(string tree) => Encoding.Latin1.GetString((await Repository.RunAsync(["ls-tree", tree])).Bytes).Split('\n').Order();
    }

    [Fact]
    public async Task An_entry_whose_object_is_of_another_type_is_named()
    {
        var id = (await Repository.RunAsync(["rev-parse", "main^{tree}"])).StandardOutput.Trim();
        await CommitAsync(Repository, ("100644", ".nojekyll", id));

        await FaultAsync(Ssh with { ReadRetries = 1 }, ExitCode.Failed, $"the object {id} is missing or of another type");
    }

    [Fact]
    public async Task Links_submodules_and_folders_in_place_of_a_file_are_obstacles_and_not_followed()
    {
        await Repository.CommitAsync("main", "Obstacles", [
            GitChange.Symlink(".well-known", "/etc"),
            GitChange.Symlink("index.html", "README.md"),
            GitChange.File("openid", "a file\n"),
            GitChange.File(".nojekyll/file", "in a folder\n")]);

        using var reader = new GitSiteRepository(Ssh);
        var site = (await reader.ReadAsync()).Site;

        Assert.Empty(site.Files);
        Assert.Equal("a symbolic link (.well-known)", site.Obstacles[".well-known/openid-configuration"]);
        Assert.Equal("a symbolic link", site.Obstacles["index.html"]);
        Assert.Equal("a file (openid)", site.Obstacles["openid/v1/jwks"]);
        Assert.Equal("a folder", site.Obstacles[".nojekyll"]);
    }

    [Theory]
    [InlineData(".."), InlineData(".git"), InlineData(".GIT"), InlineData("git~1"), InlineData("../../../escaped")]
    [InlineData("/tmp/escaped-by-name"), InlineData(".git/hooks/post-checkout")]
    public async Task Names_that_lead_out_of_the_tree_lead_nowhere(string path)
    {
        var blob = (await Repository.RunAsync(["rev-parse", "main:README.md"])).StandardOutput.Trim();
        var hostile = await CommitAsync(Repository, ("100755", path, blob));

        await Assert.ThrowsAnyAsync<JobException>(() => PublishAsync(Ssh));

        Assert.Equal(hostile, Repository.Tip("main"));
        Assert.False(File.Exists("/tmp/escaped-by-name"));
    }

    /// <summary>libgit2 does not write the modes that Git itself reads as others.</summary>
    [Fact]
    public async Task An_entry_of_an_old_mode_is_refused_with_the_commands_by_which_Git_writes_it_again()
    {
        var blob = (await Repository.RunAsync(["rev-parse", "main:README.md"])).StandardOutput.Trim();
        var ignored = await WriteAsync(Repository, "blob", "*.md"u8.ToArray());
        await CommitAsync(Repository, ("100644", ".gitignore", ignored), ("100664", "README.md", blob), ("160000", "theme", Repository.Tip("main")!));

        var fault = await PublishFaultAsync(Ssh, ExitCode.Refused, "The tree of the branch main contains an entry that Git refuses to commit (");
        var commands = Regex.Match(fault.Message, "'(git ls-files [^']*)' in a clone").Groups[1].Value;
        using var folder = new TemporaryFolder();
        Tool.Run("git", "clone", "--quiet", Repository.Path, folder.Combine("clone"));
        Tool.Run("sh", "-c", $"cd {folder.Combine("clone")} && git config user.name A && git config user.email a@example.com && {commands} --message Modes && git push --quiet");

        var result = await PublishAsync(Ssh);
        Assert.Equal(Repository.Tip("main"), result.Sha);
        Assert.Superset(new HashSet<string> { ".gitignore", "README.md", "theme" }, (await Repository.RunAsync(["ls-tree", "--name-only", "main"])).StandardOutput.Split('\n').ToHashSet());
    }

    /// <summary>Git refuses to create such a branch.</summary>
    [Theory]
    [InlineData("main^{tree}"), InlineData("main:README.md"), InlineData(null)]
    public async Task A_branch_that_is_no_commit_is_refused(string? target)
    {
        var id = target is null
            ? await WriteAsync(Repository, "tag", Encoding.ASCII.GetBytes($"object {Repository.Tip("main")}\ntype commit\ntag v1\ntagger A <a@example.com> 1700000000 +0000\n\nTag\n"))
            : (await Repository.RunAsync(["rev-parse", target])).StandardOutput.Trim();
        await File.WriteAllTextAsync(Path.Combine(Repository.Path, "refs", "heads", "main"), id + "\n");

        foreach (var options in new[] { Ssh, Https })
        {
            await FaultAsync(options with { ReadRetries = 0 }, ExitCode.Refused, "points to a tag, a tree or a file and not to a commit");
        }
    }

    /// <summary>Ten levels of ten folders that are the same one are ten billion files in a few objects.</summary>
    [Theory]
    [InlineData(10, 10, 1)]
    [InlineData(25, 1, 200)]
    public async Task A_tree_that_multiplies_or_has_endless_paths_is_refused_before_it_is_expanded(int levels, int copies, int length)
    {
        var id = (await Repository.RunAsync(["rev-parse", "main^{tree}"])).StandardOutput.Trim();
        for (var level = 0; level < levels; level++)
        {
            id = await WriteTreeAsync(Repository, [.. Enumerable.Range(0, copies).Select(copy => ("40000", new string((char)('a' + copy), length), id))]);
        }

        var hostile = await CommitAsync(Repository, ("40000", "docs", id));

        await PublishFaultAsync(Ssh, ExitCode.Usage, "more than 100000 files and folders, or paths longer than");
        Assert.Equal(hostile, Repository.Tip("main"));
    }

    /// <summary>Paths of two bytes a character: 50 folders of the same 1000 files are 8.3 million bytes, and 51 more than 8 Mi.</summary>
    [Theory]
    [InlineData(50, true)]
    [InlineData(51, false)]
    public async Task A_tree_is_committed_to_while_its_paths_have_at_most_8_MiB(int folders, bool isPublished)
    {
        var blob = (await Repository.RunAsync(["rev-parse", "main:README.md"])).StandardOutput.Trim();
        var padding = string.Concat(Enumerable.Repeat("\u00c3\u00a9", 77));
        var folder = await WriteTreeAsync(Repository, [.. Enumerable.Range(0, 1000).Select(file => ("100644", $"{file:000}{padding}", blob))]);
        var docs = await WriteTreeAsync(Repository, [.. Enumerable.Range(0, folders).Select(number => ("40000", $"{number:00}", folder))]);
        var tip = await CommitAsync(Repository, ("40000", "docs", docs));

        if (isPublished)
        {
            var result = await PublishAsync(Ssh);
            Assert.Equal(Repository.Tip("main"), result.Sha);
        }
        else
        {
            await PublishFaultAsync(Ssh, ExitCode.Usage, "paths longer than 4096 bytes (or 8388608 in total)");
            Assert.Equal(tip, Repository.Tip("main"));
        }
    }

    [Fact]
    public async Task Workflows_are_read_up_to_a_size_of_each_and_of_all()
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
        using var reader = new GitSiteRepository(Https);

        Assert.Equal([".github/workflows/pages.yml", ".github/workflows/site-1.yml"], (await reader.ReadAsync()).Workflows.Keys);
    }

    /// <summary>Replaces main's tree by one whose bytes Git's porcelain would not write.</summary>
    /// <param name="entries">Ordered by name; each character of a name is one byte (Latin-1).</param>
    /// <returns>The commit's id.</returns>
    private static async Task<string> CommitAsync(GitRepository repository, params (string Mode, string Name, string Id)[] entries)
    {
        var tree = await WriteTreeAsync(repository, entries);
        var commit = await WriteAsync(repository, "commit", Encoding.ASCII.GetBytes(
            $"tree {tree}\nparent {repository.Tip("main")}\nauthor A <a@example.com> 1700000000 +0000\ncommitter A <a@example.com> 1700000000 +0000\n\nHostile\n"));
        (await repository.RunAsync(["update-ref", "refs/heads/main", commit])).OrThrow();
        return commit;
    }

    private static Task<string> WriteTreeAsync(GitRepository repository, (string Mode, string Name, string Id)[] entries) => WriteAsync(
        repository, "tree", [.. entries.SelectMany(static entry => Encoding.Latin1.GetBytes($"{entry.Mode} {entry.Name}\0").Concat(Convert.FromHexString(entry.Id)))]);

    private static async Task<string> WriteAsync(GitRepository repository, string type, byte[] content)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.Combine("object"), content);
        return (await repository.RunAsync(["hash-object", "-t", type, "-w", "--literally", folder.Combine("object")])).OrThrow().StandardOutput.Trim();
    }
}
