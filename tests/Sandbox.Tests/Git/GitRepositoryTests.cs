using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitRepositoryTests
{
    [Fact]
    public async Task Commits_build_on_each_other_and_keep_what_they_do_not_name()
    {
        using var repository = await GitRepository.CreateAsync();
        var first = await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["a.txt"] = "one", ["folder/b c.txt"] = "ü" }, "First\n\nWith a body");
        var second = await repository.CommitAsync(
            "main", "Second", [GitChange.Delete("a.txt"), GitChange.Symlink("link", "folder/b c.txt"), GitChange.File("raw", [0, 255, 10])]);

        Assert.Equal(second, repository.Tip("main"));
        Assert.Equal("one", await repository.ReadTextAsync(first, "a.txt"));
        Assert.Null(await repository.ReadTextAsync("main", "a.txt"));
        Assert.Equal([0, 255, 10], await repository.ReadBlobAsync((await repository.TreeAsync("main"))[2].Sha));
        Assert.Equal(["folder/b c.txt", "link", "raw"], (await repository.TreeAsync("main")).Select(entry => entry.Path));
        Assert.Equal("120000", (await repository.TreeAsync("main"))[1].Mode);
        var log = await repository.LogAsync("main");
        Assert.Equal([second, first], log.Select(entry => entry.Sha));
        Assert.Equal([first], log[0].Parents);
        Assert.Equal("First\n\nWith a body", log[1].Message);
        Assert.Equal("", await repository.FsckAsync());
    }

    [Fact]
    public async Task The_tip_is_found_in_packed_references_too()
    {
        using var repository = await GitRepository.CreateAsync();
        var tip = await repository.CommitFilesAsync("feature/x", new Dictionary<string, string> { ["a"] = "1" });
        (await repository.RunAsync(["pack-refs", "--all"])).OrThrow();

        Assert.Equal(tip, repository.Tip("feature/x"));
        Assert.Null(repository.Tip("x"));
    }

    [Fact]
    public async Task Fsck_speaks_of_a_damaged_object()
    {
        using var repository = await GitRepository.CreateAsync();
        await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["a"] = "1" });
        var blob = (await repository.TreeAsync("main"))[0].Sha;
        File.Delete(Path.Combine(repository.Path, "objects", blob[..2], blob[2..]));

        Assert.Contains(blob, await repository.FsckAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removed_repositories_leave_nothing_behind()
    {
        var repositories = new GitRepositories();
        var repository = await repositories.CreateAsync("owner/site");
        Assert.Same(repository, repositories["owner/site"]);
        Assert.True(File.Exists(Path.Combine(repositories.Root, "owner", "site.git", "HEAD")));

        repositories.Dispose();

        Assert.False(Directory.Exists(repositories.Root));
        Assert.False(Directory.Exists(repository.Path));
    }
}
