namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>A proxy that requires credentials (407), one that cannot be reached, and hosts that are reached without one.</summary>
[Trait("ApiServer", "own")]
public sealed class ProxyTests : SandboxTest
{
    private const string Token = "ghp_sandboxToken0123456789";
    private const string Password = "pass:w/rd@4711";

    private string[] PublishOverHttps => PublishTo($"https://github.com/{SandboxCluster.RepositoryName}.git");

    private string[] Verify => ["verify", .. Cluster.OidcArguments("verify")];

    private string[] Sync => ["sync", .. Cluster.CertSyncArguments()];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Cluster.Https.AddToken(Token);
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
    }

    /// <summary>By the built binaries, whose proxy is the runtime's; in this process it is the tests' own.</summary>
    [Fact]
    public async Task With_user_and_password_in_HTTPS_PROXY_both_jobs_pass_and_never_show_them()
    {
        Cluster.JobsAreProcesses = true;
        Cluster.Proxy.Credentials = new NetworkCredential("somebody", Password);
        Expect.Done(await Cluster.RunAsync("oidc", [.. PublishOverHttps, "--log-level", "Trace"]), "published the issuer");
        Expect.Done(await Cluster.RunAsync("certsync", [.. Sync, "--log-level", "Trace"]), "create");
        Assert.Contains(Cluster.Proxy.Requests, static request => request.Status == 407);
        Assert.Contains("github.com", Cluster.Proxy.HostsAsked);
    }

    [Fact]
    [Trait("Duration", "long")]
    public async Task Without_them_each_job_says_what_the_proxy_wants()
    {
        Cluster.Proxy.Credentials = new NetworkCredential("somebody", Password);
        const string Fault = "requires a user name and password (407): set them in HTTPS_PROXY";
        await EachReportsAsync($"http://127.0.0.1:{Cluster.Proxy.Port}", Expect.Usage, Fault);
        await EachReportsAsync($"http://somebody:{Uri.EscapeDataString(Password + "x")}@127.0.0.1:{Cluster.Proxy.Port}", Expect.Usage, Fault);
    }

    [Fact]
    public Task A_proxy_that_is_not_there_is_what_each_job_names() => EachReportsAsync(
        "http://127.0.0.1:9", Expect.Failed, "he proxy 127.0.0.1:9 of HTTPS_PROXY cannot be reached: check its address, whether it is up, and the network policies");

    [Fact]
    public async Task NO_PROXY_is_read_as_Go_reads_it_for_vaults_too()
    {
        var output = await Cluster.RunAsync(
            "certsync",
            ["sync", "--kubeconfig", Cluster.Kubeconfig("certsync"), "--vault", "https://vault.surroundings.invalid", "--cluster", "blue", "--retries", "0"],
            new Dictionary<string, string> { ["NO_PROXY"] = "surroundings.invalid" });
        Expect.Exit(Expect.Failed, output, "vault.surroundings.invalid, but its host name does not exist");
        Assert.DoesNotContain("vault.surroundings.invalid", Cluster.Proxy.HostsAsked);
    }

    private async Task EachReportsAsync(string proxy, int exitCode, string sentence)
    {
        var environment = new Dictionary<string, string> { ["HTTPS_PROXY"] = proxy };
        Expect.Exit(Expect.Failed, await Cluster.RunAsync("oidc", Verify, environment), sentence);
        Expect.Exit(exitCode, await Cluster.RunAsync("oidc", [.. PublishOverHttps, "--retries", "0"], environment), sentence);
        Expect.Exit(exitCode, await Cluster.RunAsync("oidc", [.. PublishTo(SandboxCluster.RepositoryName), "--api", "github", "--retries", "0"], environment), sentence);
        Expect.Exit(exitCode, await Cluster.RunAsync("certsync", [.. Sync, "--retries", "0"], environment), sentence);
    }

    private string[] PublishTo(string repository) =>
    [
        "publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--no-verify",
        "--token-file", Cluster.Folder.Write("token", Token), "--repository", repository,
    ];
}
