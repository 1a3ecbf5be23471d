namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>What others have in the repository.</summary>
public sealed class TreeTests(GitHost host) : GitTest(host)
{
    [Fact]
    public async Task Names_that_are_not_UTF8_links_modes_and_submodules_survive_a_commit()
    {
        var blob = await IdOfAsync("main:README.md");
        var before = await CommitAsync(
            ("100644", "caf\u00e9.txt", blob), ("120000", "link", blob), ("160000", "module", Repository.Tip("main")!), ("100755", "run.sh", blob));
        await PublishAsync(Ssh);
        Assert.Equal(await ListAsync(before), (await ListAsync("main")).Where(static line => !line.EndsWith("openid", StringComparison.Ordinal)));
        Assert.Contains(await ListAsync("main"), static line => line.EndsWith("openid", StringComparison.Ordinal));
        async Task<IEnumerable<string>> ListAsync(string tree) => Encoding.Latin1.GetString((await Repository.RunAsync(["ls-tree", tree])).Bytes).Split('\n').Order();
    }

    [Fact]
    public async Task An_entry_whose_object_is_of_another_type_is_named()
    {
        var id = await IdOfAsync("main^{tree}");
        await CommitAsync(("100644", ".nojekyll", id));
        await FaultAsync(Ssh with { ReadRetries = 1 }, ExitCode.Failed, $"the object {id} is missing or of another type");
    }

    [Theory]
    [InlineData(".."), InlineData(".git"), InlineData(".GIT"), InlineData("git~1"), InlineData("../../../escaped")]
    [InlineData("/tmp/escaped-by-name"), InlineData(".git/hooks/post-checkout")]
    public async Task Names_that_lead_out_of_the_tree_lead_nowhere(string path)
    {
        var blob = await IdOfAsync("main:README.md");
        var hostile = await CommitAsync(("100755", path, blob));
        await Assert.ThrowsAnyAsync<JobException>(() => PublishAsync(Ssh));
        Assert.Equal(hostile, Repository.Tip("main"));
        Assert.False(File.Exists("/tmp/escaped-by-name"));
    }

    /// <summary>libgit2 does not write the modes that Git itself reads as others.</summary>
    [Fact]
    public async Task An_entry_of_an_old_mode_is_refused_with_the_commands_by_which_Git_writes_it_again()
    {
        var blob = await IdOfAsync("main:README.md");
        var ignored = await WriteAsync("blob", "*.md"u8.ToArray());
        await CommitAsync(("100644", ".gitignore", ignored), ("100664", "README.md", blob), ("160000", "theme", Repository.Tip("main")!));
        var fault = await PublishFaultAsync(Ssh, ExitCode.Refused, "The tree of the branch main contains an entry that Git refuses to commit (");
        var commands = Regex.Match(fault.Message, "'(git ls-files [^']*)' in a clone").Groups[1].Value;
        using var folder = new TemporaryFolder();
        Tool.Run("git", "clone", "--quiet", Repository.Path, folder.Combine("clone"));
        Tool.Run("sh", "-c", $"cd {folder.Combine("clone")} && git config user.name A && git config user.email a@example.com && {commands} --message Modes && git push --quiet");
        var result = await PublishAsync(Ssh);
        Assert.Equal(Repository.Tip("main"), result.Sha);
        Assert.Superset(new HashSet<string> { ".gitignore", "README.md", "theme" }, (await Repository.RunAsync(["ls-tree", "--name-only", "main"])).StandardOutput.Split('\n').ToHashSet());
    }

    /// <summary>Git refuses to create such a branch, or such a commit.</summary>
    [Theory]
    [InlineData(null, "main^{tree}"), InlineData(null, "main:README.md"), InlineData("tag", "object TIP\ntype commit\ntag v1\ntagger A <a@example.com> 1700000000 +0000\n\nTag\n")]
    [InlineData("commit", "tree TREE\nauthor A <a@example.com> 99999999999999999999 +0000\n\nTime\n", "is malformed (failed to parse signature")]
    public async Task A_branch_that_is_no_commit_is_refused(string? type, string target, string fault = "points to a tag, a tree or a file and not to a commit")
    {
        var content = target.Replace("TIP", Repository.Tip("main"), StringComparison.Ordinal).Replace("TREE", await IdOfAsync("main^{tree}"), StringComparison.Ordinal);
        var id = type is null ? await IdOfAsync(target) : await WriteAsync(type, Encoding.ASCII.GetBytes(content));
        Repository.Reset("main", id);
        await FaultAsync(Ssh with { ReadRetries = 0 }, ExitCode.Refused, fault);
        await FaultAsync(Https with { ReadRetries = 0 }, ExitCode.Refused, fault);
    }

    /// <summary>Ten levels of ten folders that are the same one are ten billion files in a few objects.</summary>
    [Theory]
    [InlineData(10, 10, 1)]
    [InlineData(25, 1, 200)]
    public async Task A_tree_that_multiplies_or_has_endless_paths_is_refused_before_it_is_expanded(int levels, int copies, int length)
    {
        var id = await IdOfAsync("main^{tree}");
        for (var level = 0; level < levels; level++)
        {
            id = await WriteTreeAsync([.. Enumerable.Range(0, copies).Select(copy => ("40000", new string((char)('a' + copy), length), id))]);
        }

        var hostile = await CommitAsync(("40000", "docs", id));
        await PublishFaultAsync(Ssh, ExitCode.Usage, "more than 100000 files and folders, or paths longer than");
        Assert.Equal(hostile, Repository.Tip("main"));
    }

    /// <summary>Paths of two bytes a character: 50 folders of the same 1000 files are 8.3 million bytes, and 51 more than 8 Mi.</summary>
    [Theory]
    [InlineData(50, true)]
    [InlineData(51, false)]
    public async Task A_tree_is_committed_to_while_its_paths_have_at_most_8_MiB(int folders, bool isPublished)
    {
        var blob = await IdOfAsync("main:README.md");
        var padding = string.Concat(Enumerable.Repeat("\u00c3\u00a9", 77));
        var folder = await WriteTreeAsync([.. Enumerable.Range(0, 1000).Select(file => ("100644", $"{file:000}{padding}", blob))]);
        var docs = await WriteTreeAsync([.. Enumerable.Range(0, folders).Select(number => ("40000", $"{number:00}", folder))]);
        var tip = await CommitAsync(("40000", "docs", docs));

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

    /// <summary>Replaces main's tree by one whose bytes Git's porcelain would not write.</summary>
    /// <param name="entries">Ordered by name; each character of a name is one byte (Latin-1).</param>
    /// <returns>The commit's id.</returns>
    private async Task<string> CommitAsync(params (string Mode, string Name, string Id)[] entries)
    {
        var tree = await WriteTreeAsync(entries);
        var commit = await WriteAsync("commit", Encoding.ASCII.GetBytes(
            $"tree {tree}\nparent {Repository.Tip("main")}\nauthor A <a@example.com> 1700000000 +0000\ncommitter A <a@example.com> 1700000000 +0000\n\nHostile\n"));
        Repository.Reset("main", commit);
        return commit;
    }

    private Task<string> WriteTreeAsync((string Mode, string Name, string Id)[] entries) => WriteAsync(
        "tree", [.. entries.SelectMany(static entry => Encoding.Latin1.GetBytes($"{entry.Mode} {entry.Name}\0").Concat(Convert.FromHexString(entry.Id)))]);

    private async Task<string> WriteAsync(string type, byte[] content) =>
        (await Repository.RunAsync(["hash-object", "-t", type, "-w", "--literally", "--stdin"], content)).OrThrow().StandardOutput.Trim();

    private async Task<string> IdOfAsync(string revision) => (await Repository.RunAsync(["rev-parse", revision])).OrThrow().StandardOutput.Trim();
}
