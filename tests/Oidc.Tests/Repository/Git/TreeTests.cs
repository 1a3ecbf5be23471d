using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository.Git;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

/// <summary>What others have in the repository.</summary>
public sealed class TreeTests(GitHost host) : IClassFixture<GitHost>
{
    [Fact]
    public async Task Names_that_are_not_UTF8_links_modes_and_submodules_survive_a_commit()
    {
        var (name, repository) = await host.CreateAsync();
        var blob = (await repository.RunAsync(["rev-parse", "main:README.md"])).StandardOutput.Trim();
        var latin = await HostileTree.CommitAsync(
            repository,
            HostileTree.Entry("100644", "caf\u00e9.txt", blob),
            HostileTree.Entry("100755", "run.sh", blob),
            HostileTree.Entry("120000", "link", blob),
            HostileTree.Entry("160000", "module", repository.Tip("main")!));

        await GitHost.PublishAsync(host.OverSsh(name), ("openid/v1/jwks", "{}\n"));

        var before = (await repository.RunAsync(["ls-tree", latin])).Bytes;
        var after = (await repository.RunAsync(["ls-tree", "main"])).Bytes;
        Assert.Contains("openid", Encoding.Latin1.GetString(after), StringComparison.Ordinal);
        Assert.Equal(
            Encoding.Latin1.GetString(before).Split('\n').Order(),
            Encoding.Latin1.GetString(after).Split('\n').Where(line => !line.EndsWith("openid", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task An_entry_whose_object_is_of_another_type_is_named()
    {
        var (name, repository) = await host.CreateAsync();
        var id = (await repository.RunAsync(["rev-parse", "main^{tree}"])).StandardOutput.Trim();
        await HostileTree.CommitAsync(repository, HostileTree.Entry("100644", ".nojekyll", id));

        await GitHost.FaultAsync(host.OverSsh(name) with { ReadRetries = 1 }, ExitCode.Failed, $"the object {id} is missing or of another type");
    }

    [Fact]
    public async Task Links_submodules_and_folders_in_place_of_a_file_are_obstacles_and_not_followed()
    {
        var (name, repository) = await host.CreateAsync();
        await repository.CommitAsync("main", "Obstacles", [
            GitChange.Symlink(".well-known", "/etc"),
            GitChange.Symlink("index.html", "README.md"),
            GitChange.File("openid", "a file\n"),
            GitChange.File(".nojekyll/file", "in a folder\n")]);

        using var reader = new GitSiteRepository(host.OverSsh(name));
        var site = (await reader.ReadAsync(GitHost.Layout, CancellationToken.None)).Site;

        Assert.Empty(site.Files);
        Assert.Equal("a symbolic link (.well-known)", site.Obstacles[".well-known/openid-configuration"]);
        Assert.Equal("a symbolic link", site.Obstacles["index.html"]);
        Assert.Equal("a file (openid)", site.Obstacles["openid/v1/jwks"]);
        Assert.Equal("a folder", site.Obstacles[".nojekyll"]);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".git")]
    [InlineData(".GIT")]
    [InlineData("git~1")]
    [InlineData("../../../escaped")]
    [InlineData("/tmp/escaped-by-name")]
    [InlineData(".git/hooks/post-checkout")]
    public async Task Names_that_lead_out_of_the_tree_lead_nowhere(string path)
    {
        var (name, repository) = await host.CreateAsync();
        var blob = (await repository.RunAsync(["rev-parse", "main:README.md"])).StandardOutput.Trim();
        var hostile = await HostileTree.CommitAsync(repository, HostileTree.Entry("100755", path, blob));

        await Assert.ThrowsAnyAsync<JobException>(() => GitHost.PublishAsync(host.OverSsh(name), ("openid/v1/jwks", "{}\n")));

        Assert.Equal(hostile, repository.Tip("main"));
        Assert.False(File.Exists("/tmp/escaped-by-name"));
    }

    [Fact]
    public async Task Workflows_are_read_up_to_a_size()
    {
        var (name, repository) = await host.CreateAsync();
        await repository.CommitFilesAsync("main", new Dictionary<string, string>
        {
            [".github/workflows/pages.yml"] = "on: push\n",
            [".github/workflows/notes.txt"] = "",
            [".github/workflows/long.yml"] = new string('#', 1024 * 1024),
        });
        using var reader = new GitSiteRepository(host.OverHttps(name));

        Assert.Equal([".github/workflows/pages.yml"], (await reader.ReadAsync(GitHost.Layout, CancellationToken.None)).Workflows.Keys);
    }
}
