using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Oidc.Repository;
using ClusterTrust.Oidc.Repository.Git;
using ClusterTrust.Sandbox.Git;

namespace ClusterTrust.Oidc.Tests.Repository.Git;

public sealed class GitSiteRepositoryTests(GitHost host) : IClassFixture<GitHost>
{
    private const string Jwks = "openid/v1/jwks";

    public enum Way
    {
        Ssh,
        Https,
        File,
    }

    [Theory]
    [InlineData(Way.Ssh)]
    [InlineData(Way.Https)]
    [InlineData(Way.File)]
    public async Task A_commit_changes_the_plans_files_and_nothing_else(Way way)
    {
        var (name, repository) = await host.CreateAsync();
        var before = repository.Tip("main");
        var tree = await repository.TreeAsync("main");

        var result = await GitHost.PublishAsync(Options(way, name, repository), (Jwks, "{}\n"), (".nojekyll", ""));

        Assert.Equal(repository.Tip("main"), result.Sha);
        Assert.Equal("main", result.Branch);
        var commit = (await repository.LogAsync("main"))[0];
        Assert.Equal([before!], commit.Parents);
        Assert.Equal("Publisher <publisher@example.com>", commit.Author);
        Assert.Equal("Add a key\n\nAdded:\n- kid-1", commit.Message.Trim());
        Assert.Equal("{}\n", await repository.ReadTextAsync("main", Jwks));
        Assert.Equal(tree, (await repository.TreeAsync("main")).Where(entry => entry.Path is not (Jwks or ".nojekyll")));
        Assert.Equal("", await repository.FsckAsync());

        using var reader = new GitSiteRepository(Options(way, name, repository));
        var snapshot = await reader.ReadAsync(GitHost.Layout, CancellationToken.None);
        Assert.Equal(result.Sha, snapshot.Tip);
        Assert.Equal("{}\n", Encoding.UTF8.GetString(snapshot.Site.Find(Jwks)!.Value.Span));
        Assert.Equal([".nojekyll", Jwks], snapshot.Site.Files.Keys.Order());
        Assert.Empty(snapshot.Site.Obstacles);
    }

    [Theory]
    [InlineData(Way.Ssh)]
    [InlineData(Way.Https)]
    [InlineData(Way.File)]
    public async Task The_commit_that_brought_a_text_is_found_within_the_history_that_is_read(Way way)
    {
        var (name, repository) = await host.CreateAsync();
        await repository.CommitFilesAsync("main", new Dictionary<string, string> { [Jwks] = "kid-1" });
        var brought = await repository.CommitFilesAsync("main", new Dictionary<string, string> { [Jwks] = "kid-1 kid-2" });
        await repository.CommitFilesAsync("main", new Dictionary<string, string> { [Jwks] = "kid-1 kid-2 kid-3" });
        await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["README.md"] = "later" });

        Assert.Equal(new CommitReference(brought, IsExact: true), await FindAsync("kid-2"));

        for (var later = 0; later < 50; later++)
        {
            await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["README.md"] = $"{later}" });
        }

        // Over the network the history is read in part, and that is said.
        var found = await FindAsync("kid-2");
        Assert.Equal(way == Way.File, found.IsExact);
        Assert.Equal(way == Way.File ? $"commit {brought}" : $"at or before commit {found.Sha}", found.ToString());

        async Task<CommitReference> FindAsync(string text)
        {
            using var reader = new GitSiteRepository(Options(way, name, repository));
            return await reader.FindIntroductionAsync(await reader.ReadAsync(GitHost.Layout, CancellationToken.None), Jwks, text, CancellationToken.None);
        }
    }

    [Theory]
    [InlineData(Way.Ssh)]
    [InlineData(Way.Https)]
    [InlineData(Way.File)]
    public async Task An_empty_repository_gets_a_first_commit(Way way)
    {
        var (name, repository) = await host.CreateAsync(empty: true);
        using var publisher = new GitSiteRepository(Options(way, name, repository));
        var snapshot = await publisher.ReadAsync(GitHost.Layout, CancellationToken.None);
        Assert.Null(snapshot.Tip);
        Assert.Equal("main", snapshot.Branch);

        var result = await publisher.CommitAsync(snapshot, GitHost.Request((Jwks, "{}\n")), CancellationToken.None);

        Assert.Equal(repository.Tip("main"), result.Sha);
        Assert.Equal([Jwks], (await repository.TreeAsync("main")).Select(entry => entry.Path));
    }

    [Theory]
    [InlineData(Way.Ssh)]
    [InlineData(Way.Https)]
    public async Task A_commit_between_reading_and_pushing_is_a_lost_race_that_a_new_reading_wins(Way way)
    {
        var (name, repository) = await host.CreateAsync();
        using var publisher = new GitSiteRepository(Options(way, name, repository));
        var stale = await publisher.ReadAsync(GitHost.Layout, CancellationToken.None);
        var others = await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["other.txt"] = "other\n" });

        var raced = await Assert.ThrowsAsync<RacedException>(() => publisher.CommitAsync(stale, GitHost.Request((Jwks, "{}\n")), CancellationToken.None));
        Assert.Equal(ExitCode.Failed, raced.ExitCode);
        Assert.Equal(others, repository.Tip("main"));

        var fresh = await publisher.ReadAsync(GitHost.Layout, CancellationToken.None);
        Assert.Equal(others, fresh.Tip);
        await publisher.CommitAsync(fresh, GitHost.Request((Jwks, "{}\n")), CancellationToken.None);
        Assert.Equal([others], (await repository.LogAsync("main"))[0].Parents);
    }

    [Theory]
    [InlineData(Way.Ssh, true)]
    [InlineData(Way.Ssh, false)]
    [InlineData(Way.Https, true)]
    [InlineData(Way.Https, false)]
    [InlineData(Way.File, true)]
    [InlineData(Way.File, false)]
    public async Task A_branch_that_was_deleted_or_reset_meanwhile_stays_so(Way way, bool isDeleted)
    {
        var (name, repository) = await host.CreateAsync();
        var earlier = repository.Tip("main");
        await repository.CommitFilesAsync("main", new Dictionary<string, string> { ["rogue.txt"] = "to be undone\n" });
        using var publisher = new GitSiteRepository(Options(way, name, repository));
        var stale = await publisher.ReadAsync(GitHost.Layout, CancellationToken.None);
        (await repository.RunAsync(isDeleted ? ["update-ref", "-d", "refs/heads/main"] : ["update-ref", "refs/heads/main", earlier!])).OrThrow();

        await Assert.ThrowsAsync<RacedException>(() => publisher.CommitAsync(stale, GitHost.Request((Jwks, "{}\n")), CancellationToken.None));

        Assert.Equal(isDeleted ? null : earlier, repository.Tip("main"));
    }

    [Fact]
    public async Task Publishers_that_race_lose_no_commit_and_double_none()
    {
        var (name, repository) = await host.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async publisherNumber =>
        {
            using var publisher = new GitSiteRepository(publisherNumber % 2 == 0 ? host.OverSsh(name) : host.OverHttps(name));
            for (var done = false; !done;)
            {
                var snapshot = await publisher.ReadAsync(GitHost.Layout, CancellationToken.None);
                try
                {
                    await publisher.CommitAsync(snapshot, GitHost.Request(($"clusters/{publisherNumber}", "here\n")), CancellationToken.None);
                    done = true;
                }
                catch (RacedException)
                {
                    done = false;
                }
            }
        }));

        Assert.Equal(5, (await repository.LogAsync("main")).Count);
        Assert.Equal(4, (await repository.TreeAsync("main")).Count(entry => entry.Path.StartsWith("clusters/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_missing_branch_is_a_sentence_with_the_branches_there_are()
    {
        var (name, _) = await host.CreateAsync();
        await GitHost.FaultAsync(host.OverSsh(name) with { Branch = "master" }, ExitCode.Usage, "has no branch master (it has main; was it renamed?)");
    }

    [Theory]
    [InlineData("refs/heads/")]
    [InlineData("-x")]
    [InlineData("a..b")]
    public void A_name_that_no_branch_can_have_is_a_setting_to_correct(string branch)
    {
        var fault = Assert.Throws<JobException>(() => new GitSiteRepository(host.OverSsh("owner/any") with { Branch = branch }));
        Assert.Equal($"'{branch}' is not a valid branch name: correct --branch.", fault.Message);
        Assert.Equal(ExitCode.Usage, fault.ExitCode);
    }

    [Fact]
    public async Task A_missing_branch_is_created_without_history_on_request()
    {
        var (name, repository) = await host.CreateAsync();
        await GitHost.PublishAsync(host.OverSsh(name) with { Branch = "gh-pages", CreateBranch = true }, (Jwks, "{}\n"));
        var commit = Assert.Single(await repository.LogAsync("gh-pages"));
        Assert.Empty(commit.Parents);
        Assert.Single(await repository.TreeAsync("gh-pages"));
        Assert.Single(await repository.LogAsync("main"));
    }

    [Theory]
    [InlineData(Way.Ssh)]
    [InlineData(Way.Https)]
    public async Task A_hook_that_declines_is_quoted(Way way)
    {
        var (name, repository) = await host.CreateAsync();
        repository.Protect("GH006: Protected branch update failed for refs/heads/main.");
        var before = repository.Tip("main");
        var fault = await Assert.ThrowsAsync<JobException>(() => GitHost.PublishAsync(Options(way, name, repository), (Jwks, "{}\n")));
        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("is protected", fault.Message, StringComparison.Ordinal);
        Assert.Contains("GH006: Protected branch update failed", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, repository.Tip("main"));
    }

    [Theory]
    [InlineData(Way.Ssh)]
    [InlineData(Way.Https)]
    public async Task A_push_that_the_server_does_not_unpack_is_quoted(Way way)
    {
        var (name, repository) = await host.CreateAsync();
        await repository.RunAsync(["config", "receive.maxInputSize", "100"]);
        var fault = await Assert.ThrowsAsync<RacedException>(() => GitHost.PublishAsync(Options(way, name, repository), (Jwks, "{}\n")));
        Assert.Contains("pack exceeds maximum allowed size", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Way.Ssh, true)]
    [InlineData(Way.Ssh, false)]
    [InlineData(Way.Https, true)]
    [InlineData(Way.File, true)]
    [InlineData(Way.File, false)]
    public async Task A_repository_of_SHA_256_objects_is_a_setting_to_correct(Way way, bool empty)
    {
        var (name, repository) = await host.CreateAsync(empty: true);
        Directory.Delete(repository.Path, recursive: true);
        Signing.Tool.Run("git", "init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main", repository.Path);
        if (!empty)
        {
            var tree = Signing.Tool.Run("git", "-C", repository.Path, "hash-object", "-w", "-t", "tree", "/dev/null").Trim();
            var commit = Signing.Tool.Run("git", "-C", repository.Path, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit-tree", tree, "-m", "First").Trim();
            Signing.Tool.Run("git", "-C", repository.Path, "update-ref", "refs/heads/main", commit);
        }

        var fault = await Assert.ThrowsAsync<JobException>(() => GitHost.PublishAsync(Options(way, name, repository), (Jwks, "{}\n")));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("has an object format other than SHA-1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_of_an_earlier_reading_is_not_committed_on()
    {
        var (name, _) = await host.CreateAsync();
        using var publisher = new GitSiteRepository(host.OverSsh(name));
        var first = await publisher.ReadAsync(GitHost.Layout, CancellationToken.None);
        await publisher.ReadAsync(GitHost.Layout, CancellationToken.None);
        await Assert.ThrowsAsync<ArgumentException>(() => publisher.CommitAsync(first, GitHost.Request((Jwks, "{}\n")), CancellationToken.None));
    }

    private GitRepositoryOptions Options(Way way, string name, GitRepository repository) => way switch
    {
        Way.Ssh => host.OverSsh(name),
        Way.Https => host.OverHttps(name),
        _ => new GitRepositoryOptions { Url = "file://" + repository.Path },
    };
}
