using System.Text.Json.Nodes;
using ClusterTrust.Sandbox.Git;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>Where in the repository the files lie, and what may stand in their way.</summary>
public sealed class LayoutTests : OidcTest
{
    [Theory]
    [InlineData("https://example.github.io/cluster-a", "example/cluster-a", "")]
    [InlineData("https://example.github.io/cluster-a/west/one", "example/cluster-a", "west/one/")]
    [InlineData("https://example.github.io", "example/example.github.io", "")]
    [InlineData("https://example.github.io/clusters/two", "example/example.github.io", "clusters/two/")]
    [InlineData("https://oidc.example.com", "example/anything", "")]
    [InlineData("https://oidc.example.com/one", "example/anything", "one/")]
    [Trait("ApiServer", "own")]
    public async Task The_paths_follow_from_the_issuer(string issuer, string repository, string folder)
    {
        var target = await TargetAsync(repository);
        var (discoveryPath, jwksPath, statePath) = (DiscoveryPath, JwksPath, StatePath);
        Serve(issuer);

        Expect.Done(await PublishIssuerAsync(issuer, Cluster.Ssh.Url(repository)));

        var paths = (await target.TreeAsync("main")).Select(entry => entry.Path);
        Assert.Equal(
            new[] { ".nojekyll", folder + discoveryPath, folder + "index.html", folder + statePath, folder + jwksPath }.Order(StringComparer.Ordinal),
            paths.Order(StringComparer.Ordinal));
        var discovery = JsonNode.Parse((await target.ReadTextAsync("main", folder + discoveryPath))!)!;
        Assert.Equal(issuer, discovery["issuer"]!.GetValue<string>());
        Assert.Equal(issuer + "/openid/v1/jwks", discovery["jwks_uri"]!.GetValue<string>());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Two_clusters_share_a_repository_by_a_folder_each_and_clouds_see_both()
    {
        var one = Cluster.IssuerUrl + "/one";
        var two = Cluster.IssuerUrl + "/two";
        Serve(one);
        Expect.Done(await PublishIssuerAsync(one, Cluster.Ssh.Url(Cluster.SiteRepository)));
        var first = await Cluster.Repository.TreeAsync("main");
        Expect.Done(await RunAsync(["verify", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", one]), "is accepted");

        Cluster.ApiServer.Keys.Rotate(keepOld: false);
        Serve(two);
        Expect.Done(await PublishIssuerAsync(two, Cluster.Ssh.Url(Cluster.SiteRepository)));

        var both = await Cluster.Repository.TreeAsync("main");
        Assert.Equal(first, both.Where(entry => !entry.Path.StartsWith("two/", StringComparison.Ordinal)));
        Expect.Done(await RunAsync(["verify", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", two]));
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task Another_issuer_in_the_same_place_is_refused()
    {
        await PublishedAsync();
        const string Other = "https://oidc.example.com";
        Serve(Other);

        Expect.Exit(Expect.Refused, await PublishIssuerAsync(Other, Cluster.Ssh.Url(Cluster.SiteRepository)), $"Another issuer is published at {DiscoveryPath}");
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    public async Task A_repository_that_cannot_serve_the_issuer_is_told_with_the_setting_that_decides()
    {
        Expect.Exit(Expect.Usage, await PublishAsync("--repository", "git@github.com:another/cluster-a.git"), $"is on {SiteHost}, but the repository another/cluster-a is served on another.github.io", "--site-url");
        Expect.Exit(Expect.Usage, await PublishAsync("--repository", $"git@github.com:{Cluster.SiteRepository.Split('/')[0]}/not-this-one.git"), $"is not below https://{SiteHost}/not-this-one");
        Expect.Exit(Expect.Usage, await PublishAsync("--site-url", $"https://{SiteHost}/not-this-one"), "is not below the site URL");
    }

    [Theory]
    [InlineData(".well-known", "../outside", "a symbolic link")]
    [InlineData("openid", "/etc", "a symbolic link")]
    [InlineData("openid/v1/jwks", "../../README.md", "a symbolic link")]
    [InlineData("index.html", "README.md", "a symbolic link")]
    [InlineData(".nojekyll", "/dev/null", "a symbolic link")]
    public async Task A_symbolic_link_in_the_way_refuses_the_run(string path, string target, string what)
    {
        // Pages reads .nojekyll at the root of the repository, whatever folder the issuer is in.
        var at = path == ".nojekyll" ? path : InFolder(path);
        var tip = await Cluster.Repository.CommitAsync("main", "Trap", [GitChange.File("README.md", "x"), GitChange.Symlink(at, target)]);

        Expect.Exit(Expect.Refused, await PublishAsync(), $"cannot be written in the repository because it leads through {what}");
        Assert.Equal(tip, Cluster.Repository.Tip("main"));
    }

    [Fact]
    public async Task A_file_where_a_folder_belongs_and_a_folder_where_a_file_belongs_refuse_the_run()
    {
        var tip = await Cluster.Repository.CommitAsync("main", "Trap", [GitChange.File(InFolder("openid"), "x")]);
        Expect.Exit(Expect.Refused, await PublishAsync(), "cannot be written in the repository");
        Assert.Equal(tip, Cluster.Repository.Tip("main"));

        tip = await Cluster.Repository.CommitAsync("main", "Trap", [GitChange.Delete(InFolder("openid")), GitChange.File(JwksPath + "/x", "x")]);
        Expect.Exit(Expect.Refused, await PublishAsync(), "cannot be written in the repository", "a folder");
        Assert.Equal(tip, Cluster.Repository.Tip("main"));
    }

    [Fact]
    public async Task Published_documents_that_cannot_be_understood_need_a_person()
    {
        await PublishedAsync();
        await Cluster.Repository.CommitFilesAsync("main", new Dictionary<string, string> { [JwksPath] = "<<<<<<< HEAD\n" });

        Expect.Exit(Expect.Refused, await PublishAsync(), $"The published key set {JwksPath} is invalid");
        Expect.Done(await PublishAsync("--accept-new-keys"));
        Assert.Equal(ClusterKids, (await KidsAsync()).Order(StringComparer.Ordinal));
    }

    private async Task<GitRepository> TargetAsync(string name) =>
        name == Cluster.SiteRepository ? Cluster.Repository : await Cluster.Repositories.CreateAsync(name);

    /// <summary>Starts the API server anew with another issuer.</summary>
    private void Serve(string issuer)
    {
        Cluster.ApiServer.Issuer.Issuer = issuer;
        Cluster.RenewTokens();
    }

    private Task<Output> PublishIssuerAsync(string issuer, string repository) => RunAsync(
        [
            "publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", issuer, "--repository", repository,
            "--ssh-key", Cluster.DeployKey.PrivateKeyPath, "--known-hosts", Cluster.KnownHostsFile, "--no-verify",
        ]);
}
