using System.Text;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitRepositoryTests
{
    [Fact]
    public async Task A_new_repository_is_empty_and_sound()
    {
        using var repository = await GitRepository.CreateAsync("trunk");

        Assert.Null(repository.Tip("trunk"));
        Assert.Empty(await repository.LogAsync("trunk"));
        Assert.Equal("ref: refs/heads/trunk\n", await File.ReadAllTextAsync(Path.Combine(repository.Path, "HEAD")));
    }

    [Fact]
    public async Task Commits_build_on_each_other_and_keep_what_they_do_not_name()
    {
        using var repository = await GitRepository.CreateAsync();
        var first = await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["a.txt"] = "one", ["folder/b c.txt"] = "ü" }, "First\n\nWith a body");
        var second = await repository.CommitAsync(
            "main", "Second", [GitChange.Delete("a.txt"), GitChange.Symlink("link", "folder/b c.txt"), GitChange.File("raw", [0, 255, 10])]);

        Assert.Equal(second, repository.Tip("main"));
        Assert.Equal("one", await repository.ReadTextAsync(first, "a.txt"));
        Assert.Null(await repository.ReadFileAsync("main", "a.txt"));
        Assert.Equal([0, 255, 10], await repository.ReadFileAsync("main", "raw"));
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
    public async Task A_long_history_is_made_quickly_and_is_sound()
    {
        using var repository = await GitRepository.CreateAsync();
        var root = await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["a"] = "1" });
        var tip = await repository.BuildHistoryAsync("main", 2000);

        var count = (await repository.RunAsync(["rev-list", "--count", tip])).OrThrow();
        Assert.Equal("2001\n", count.Text);
        Assert.Equal("1999\n", await repository.ReadTextAsync("main", "history.txt"));
        Assert.Equal("1", await repository.ReadTextAsync("main", "a"));
        Assert.Equal(root, (await repository.LogAsync("main"))[^1].Sha);
        Assert.Equal("", await repository.FsckAsync());
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
    public async Task Dispose_removes_the_folder()
    {
        var repository = await GitRepository.CreateAsync();
        repository.Dispose();
        Assert.False(Directory.Exists(repository.Path));
    }

    [Fact]
    public async Task A_command_that_fails_says_what_git_said()
    {
        using var repository = await GitRepository.CreateAsync();
        var fault = await Assert.ThrowsAsync<GitException>(() => repository.TreeAsync("nowhere"));
        Assert.Contains("nowhere", fault.Message, StringComparison.Ordinal);
        Assert.Equal(128, fault.ExitCode);
    }

    [Theory]
    [InlineData("repository")]
    [InlineData("owner/repository.git")]
    [InlineData("owner/../x")]
    [InlineData("../x/y")]
    public async Task Only_names_of_the_form_owner_repository_are_served(string name)
    {
        using var repositories = new GitRepositories();
        await Assert.ThrowsAsync<ArgumentException>(() => repositories.CreateAsync(name));
        Assert.Empty(repositories.Names);
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

    [Fact]
    public void A_path_that_fast_import_would_misread_is_refused() =>
        Assert.Throws<ArgumentException>(() => GitChange.File("a\nb", Encoding.UTF8.GetBytes("x")));
}
