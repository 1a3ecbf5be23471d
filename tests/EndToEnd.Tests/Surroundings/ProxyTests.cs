namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>A proxy that asks who is there (407), one that is away, and one that does not find a host at first.</summary>
[Trait("ApiServer", "own")]
public sealed class ProxyTests : SandboxTest
{
    private const string Token = "ghp_sandboxToken0123456789";
    private const string Password = "pass:w/rd@4711";

    protected override bool NeedsProcesses => true;

    private string[] PublishOverHttps => PublishTo($"https://github.com/{SandboxCluster.RepositoryName}.git");

    private string[] Verify => ["verify", .. Cluster.OidcArguments("verify")];

    private string[] Sync => ["sync", .. Cluster.CertSyncArguments()];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Cluster.Https.AddToken(Token);
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
    }

    [Fact]
    public async Task With_user_and_password_in_HTTPS_PROXY_both_jobs_pass_and_never_show_them()
    {
        Cluster.Proxy.Credentials = new NetworkCredential("somebody", Password);

        Shows(Expect.Done(await Cluster.RunAsync("oidc", [.. PublishOverHttps, "--log-level", "Trace"]), "published the issuer"));
        Shows(Expect.Done(await Cluster.RunAsync("certsync", [.. Sync, "--log-level", "Trace"]), "create"));

        Assert.Contains(Cluster.Proxy.Requests, static request => request.Status == 407);
        Assert.Contains("github.com", Cluster.Proxy.HostsAsked);
    }

    [Fact]
    [Trait("Duration", "long")]
    public async Task Without_them_each_job_says_what_the_proxy_wants()
    {
        Cluster.Proxy.Credentials = new NetworkCredential("somebody", Password);
        foreach (var user in new[] { "", $"somebody:{Uri.EscapeDataString(Password + "x")}@" })
        {
            await EachSaysAsync($"http://{user}127.0.0.1:{Cluster.Proxy.Port}", Expect.Usage, "requires a user name and password (407): set them in HTTPS_PROXY");
        }
    }

    [Fact]
    public Task A_proxy_that_is_not_there_is_what_each_job_names() => EachSaysAsync(
        "http://127.0.0.1:9", Expect.Failed, "he proxy 127.0.0.1:9 of HTTPS_PROXY cannot be reached: check its address, whether it is up, and the network policies");

    [Theory]
    [InlineData("*")]
    [InlineData("surroundings.invalid")]
    public async Task NO_PROXY_is_read_as_Go_reads_it_for_vaults_too(string noProxy)
    {
        var output = await Cluster.RunAsync(
            "certsync",
            ["sync", "--kubeconfig", Cluster.Kubeconfig("certsync"), "--vault", "https://vault.surroundings.invalid", "--cluster", "blue", "--retries", "0"],
            new Dictionary<string, string> { ["NO_PROXY"] = noProxy });

        Shows(Expect.Exit(Expect.Failed, output, "vault.surroundings.invalid, but its host name does not exist"));
        Assert.DoesNotContain("vault.surroundings.invalid", Cluster.Proxy.HostsAsked);
    }

    [Fact]
    [Trait("Duration", "long")]
    public async Task A_host_that_the_proxy_does_not_find_at_first_is_asked_for_again()
    {
        await AppearsLaterAsync("github.com", "oidc", PublishOverHttps);
        await AppearsLaterAsync("login.microsoftonline.com", "certsync", Sync);
        Cluster.Certificates.Issue(new CertificateSpec("shop", "api"));
        await AppearsLaterAsync(Cluster.Vault.Host, "certsync", Sync);
        Cluster.ApiServer.Keys.Announce();
        await AppearsLaterAsync("example.github.io", "oidc", ["publish", .. Cluster.OidcArguments()]);
    }

    private async Task EachSaysAsync(string proxy, int exitCode, string sentence)
    {
        var environment = new Dictionary<string, string> { ["HTTPS_PROXY"] = proxy };
        Shows(Expect.Exit(Expect.Failed, await Cluster.RunAsync("oidc", Verify, environment), sentence));
        Shows(Expect.Exit(exitCode, await Cluster.RunAsync("oidc", [.. PublishOverHttps, "--retries", "0"], environment), sentence));
        Shows(Expect.Exit(exitCode, await Cluster.RunAsync("oidc", [.. PublishTo(SandboxCluster.RepositoryName), "--api", "github", "--retries", "0"], environment), sentence));
        Shows(Expect.Exit(exitCode, await Cluster.RunAsync("certsync", [.. Sync, "--retries", "0"], environment), sentence));
    }

    private async Task AppearsLaterAsync(string host, string job, string[] arguments)
    {
        var port = Cluster.Routes.Find(host)!.Value;
        Cluster.Routes.Remove(host);
        Cluster.Proxy.ForgetRequests();
        var running = Cluster.RunAsync(job, arguments);
        while (!running.IsCompleted && Cluster.Proxy.CountOf(host) < 1)
        {
            await Task.Delay(10);
        }

        Cluster.Routes.Add(host, port);
        Expect.Done(await running);
        Assert.Contains(Cluster.Proxy.Requests, request => request.Host == host && request.Status == 502);
    }

    private string[] PublishTo(string repository) =>
    [
        "publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--no-verify",
        "--token-file", Cluster.Folder.Write("token", Token), "--repository", repository,
    ];

    private static void Shows(Output output) => Expect.Silent(
        output, Password, Uri.EscapeDataString(Password), Convert.ToBase64String(Encoding.UTF8.GetBytes($"somebody:{Password}")), Token);
}
