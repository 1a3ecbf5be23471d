namespace ClusterTrust.Sandbox.Tests.Git;

public sealed class GitRepositoryTests : RepositoryTest
{
    [Fact]
    public async Task Fsck_speaks_of_a_damaged_object()
    {
        var blob = Assert.Single(await Repository.TreeAsync("main")).Sha;
        File.Delete(Path.Combine(Repository.Path, "objects", blob[..2], blob[2..]));

        Assert.Contains(blob, await Repository.FsckAsync(), StringComparison.Ordinal);
    }
}
