using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitRepositoryTests
{
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
}
