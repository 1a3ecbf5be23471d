using static ClusterTrust.Oidc.Tests.Repository.TestRepository;

namespace ClusterTrust.Oidc.Tests.Repository.GitHub;

public sealed class GitHubReadTests : GitHubTest
{
    [Fact]
    public async Task The_commit_that_brought_a_text_is_found_among_the_last_changes_of_the_file()
    {
        await PushAsync(Jwks.Path, "kid-1");
        var brought = await PushAsync(Jwks.Path, "kid-1 kid-2");
        await PushAsync(Jwks.Path, "kid-1 kid-2 kid-3");
        await PushAsync("README.md", "later");
        Assert.Equal(new CommitReference(brought, IsExact: true), await FindAsync());

        for (var later = 0; later < 10; later++)
        {
            await PushAsync(Jwks.Path, $"kid-1 kid-2 {later}");
        }

        Assert.False((await FindAsync()).IsExact);

        async Task<CommitReference> FindAsync()
        {
            var repository = Open();
            return await repository.FindIntroductionAsync(await repository.ReadAsync(), Jwks.Path, "kid-2", default);
        }
    }

    [Fact]
    public async Task Files_are_read_byte_for_byte_from_the_tip()
    {
        byte[] odd = [0, 0xFF, 0x0D, 0x0A, 0x80];
        await PushAsync(Layout.JwksPath, "{}\n");
        await Repository.CommitAsync("main", "Odd", [new GitChange("index.html", "100755", odd)]);
        var repository = Open();
        await repository.ReadAsync();
        var tip = await PushAsync(".nojekyll", "");

        var snapshot = await repository.ReadAsync();

        Assert.Equal(("main", tip), (snapshot.Branch, snapshot.Tip));
        Assert.Equal(["index.html", ".nojekyll", Layout.JwksPath], snapshot.Site.Files.Keys.OrderByDescending(path => path == "index.html").ThenBy(path => path.Length));
        Assert.Equal(odd, snapshot.Site.Files["index.html"].ToArray());
        Assert.Equal("{}\n", snapshot.Site.Text(Layout.JwksPath));
        Assert.Equal(0, snapshot.Site.Files[".nojekyll"].Length);
        Assert.Empty(snapshot.Site.Obstacles);
    }

    [Fact]
    public async Task Links_submodules_and_folders_in_the_way_are_named_and_not_followed()
    {
        await Repository.CommitAsync("main", "Obstacles", [GitChange.Symlink(".nojekyll", "elsewhere"), GitChange.Symlink("openid", "elsewhere"), GitChange.File("index.html/a", "")]);
        const string Submodule = "commit refs/heads/main\ncommitter A <a@example.com> 0 +0000\ndata 0\nfrom refs/heads/main^0\nM 160000 1111111111111111111111111111111111111111 .well-known\n";
        (await Repository.RunAsync(["fast-import", "--quiet"], Encoding.ASCII.GetBytes(Submodule))).OrThrow();

        var snapshot = await ReadAsync();

        Assert.Equal("a symbolic link", snapshot.Site.Obstacles[".nojekyll"]);
        Assert.Equal("a symbolic link (openid)", snapshot.Site.Obstacles[Layout.JwksPath]);
        Assert.Equal("a folder", snapshot.Site.Obstacles["index.html"]);
        Assert.Equal("a submodule (.well-known)", snapshot.Site.Obstacles[Layout.DiscoveryPath]);
        Assert.Empty(snapshot.Site.Files);
    }

    [Fact]
    public async Task Workflows_come_along()
    {
        await PushAsync(".github/workflows/pages.yml", "on: push\n");
        await PushAsync(".github/workflows/README.md", "no workflow");

        var workflow = Assert.Single((await ReadAsync()).Workflows);

        Assert.Equal(".github/workflows/pages.yml", workflow.Key);
        Assert.Equal("on: push\n", Encoding.UTF8.GetString(workflow.Value.Span));
    }

    [Fact]
    public async Task The_default_branch_is_looked_up_unless_one_is_configured()
    {
        Server.DefaultBranch = "trunk";
        var trunk = await PushAsync("a", "1", "trunk");
        var other = await PushAsync("a", "2", "feature/pages");

        Assert.Equal(trunk, (await ReadAsync()).Tip);
        Assert.Equal(other, (await ReadAsync(Options with { Branch = "feature/pages" })).Tip);
    }

    [Fact]
    public async Task A_missing_branch_is_reported_with_the_default_one()
    {
        await Assert.FaultAsync(
            ExitCode.Usage,
            "There is no branch gh-pages in octo/pages, whose default branch is main: correct --branch, or have it created with --create-branch.",
            () => ReadAsync(Options with { Branch = "gh-pages" }));
    }

    [Fact]
    public async Task An_empty_repository_has_no_tip()
    {
        await ResetAsync();

        var snapshot = await ReadAsync();

        Assert.Equal(("main", null), (snapshot.Branch, snapshot.Tip));
        Assert.Empty(snapshot.Site.Files);
    }

    [Fact]
    public async Task The_api_of_an_enterprise_server_has_a_path_of_its_own()
    {
        await using var enterprise = new GitHubServer(CertificateAuthority.OfProcess, Repository, "octo/pages", "/api/v3/");
        await enterprise.StartAsync();

        Assert.NotNull((await ReadAsync(Options with { ApiUrl = new Uri(enterprise.LoopbackAddress, "/api/v3"), Token = enterprise.Token })).Tip);
        Assert.All(enterprise.Requests, request => Assert.StartsWith("/api/v3/repos/octo/pages", request.Path, StringComparison.Ordinal));
    }
}
