using System.Net;
using System.Text;
using ClusterTrust.EndToEnd.Tests.Oidc;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;
using ClusterTrust.Sandbox.Processes;

namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>A proxy that asks who is there (407), and one that does not find a host at first.</summary>
[Trait("ApiServer", "own")]
public sealed class ProxyTests : OidcTest
{
    protected override bool NeedsProcesses => true;

    private const string Token = "ghp_sandboxToken0123456789";
    private const string Password = "pass:w/rd@4711";

    [Fact]
    public async Task With_user_and_password_in_HTTPS_PROXY_both_jobs_pass_and_never_show_them()
    {
        Ask();

        Shows(Expect.Done(await PublishOverHttpsAsync("--log-level", "Trace"), "published the issuer"));
        Shows(Expect.Done(await Cluster.CertSyncAsync("sync", "--log-level", "Trace"), "create"));

        Assert.Contains(Cluster.Proxy.Requests, static request => request.Status == 407);
        Assert.Contains("github.com", Cluster.Proxy.HostsAsked);
    }

    [Fact]
    [Trait("Duration", "long")]
    public async Task Without_them_each_job_says_what_the_proxy_wants()
    {
        Ask();
        var without = new Dictionary<string, string> { ["HTTPS_PROXY"] = $"http://127.0.0.1:{Cluster.Proxy.Port}" };
        var wrong = new Dictionary<string, string> { ["HTTPS_PROXY"] = $"http://somebody:{Uri.EscapeDataString(Password + "x")}@127.0.0.1:{Cluster.Proxy.Port}" };
        const string says = "requires a user name and password (407): set them in HTTPS_PROXY";

        foreach (var environment in new[] { without, wrong })
        {
            Shows(Expect.Exit(Expect.Usage, await PublishOverHttpsAsync(environment), says));
            Shows(Expect.Exit(Expect.Failed, await RunAsync(["verify", .. Cluster.OidcArguments("verify")], environment), says));
            Shows(Expect.Exit(Expect.Usage, await PublishByApiAsync(environment), says));
            await using var certsync = Cluster.Job("certsync");
            Shows(Expect.Exit(Expect.Usage, await certsync.RunAsync(["sync", .. Cluster.CertSyncArguments()], environment, TimeSpan.FromMinutes(10)), says));
        }
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_what_each_job_names()
    {
        Ask();
        var away = new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://127.0.0.1:9" };
        const string says = "The proxy 127.0.0.1:9 of HTTPS_PROXY cannot be reached: check its address, whether it is up, and the network policies";

        Shows(Expect.Exit(Expect.Failed, await PublishOverHttpsAsync(away, "--retries", "0"), says));
        Shows(Expect.Exit(Expect.Failed, await RunAsync(["verify", .. Cluster.OidcArguments("verify")], away), says));
        Shows(Expect.Exit(Expect.Failed, await PublishByApiAsync(away, "--retries", "0"), says));
        await using var certsync = Cluster.Job("certsync");
        Shows(Expect.Exit(
            Expect.Failed, await certsync.RunAsync(["sync", .. Cluster.CertSyncArguments(), "--retries", "0"], away, TimeSpan.FromMinutes(10)), says[1..]));
    }

    [Fact]
    [Trait("Duration", "long")]
    public async Task A_host_that_the_proxy_does_not_find_at_first_is_asked_for_again()
    {
        Cluster.Https.AddToken(Token);
        await AppearsLaterAsync("github.com", () => PublishOverHttpsAsync());
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        await AppearsLaterAsync("login.microsoftonline.com", () => Cluster.CertSyncAsync("sync"));
        Cluster.Certificates.Issue(new CertificateSpec("shop", "api"));
        await AppearsLaterAsync(Cluster.Vault.Host, () => Cluster.CertSyncAsync("sync"));
        Cluster.ApiServer.Keys.Announce();
        await AppearsLaterAsync("example.github.io", () => Cluster.OidcAsync("publish"));
    }

    private void Ask()
    {
        Cluster.Https.AddToken(Token);
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        Cluster.Proxy.Credentials = new NetworkCredential("somebody", Password);
    }

    private async Task AppearsLaterAsync(string host, Func<Task<Output>> run)
    {
        var port = Cluster.Routes.Find(host)!.Value;
        Cluster.Routes.Remove(host);
        Cluster.Proxy.ForgetRequests();
        var running = run();
        while (!running.IsCompleted && Cluster.Proxy.CountOf(host) < 1)
        {
            await Task.Delay(10);
        }

        Cluster.Routes.Add(host, port);
        Expect.Done(await running);
        Assert.Contains(Cluster.Proxy.Requests, request => request.Host == host && request.Status == 502);
    }

    private Task<Output> PublishOverHttpsAsync(params string[] more) => PublishToAsync(
        $"https://github.com/{SandboxCluster.RepositoryName}.git", ["--token-file", Cluster.Folder.Write("token", Token), .. more]);

    private Task<Output> PublishOverHttpsAsync(IReadOnlyDictionary<string, string> environment, params string[] more) => RunAsync(
        [.. Arguments($"https://github.com/{SandboxCluster.RepositoryName}.git"), .. more], environment);

    private Task<Output> PublishByApiAsync(IReadOnlyDictionary<string, string> environment, params string[] more) => RunAsync(
        [.. Arguments(SandboxCluster.RepositoryName), "--api", "github", .. more], environment);

    private string[] Arguments(string repository) =>
    [
        "publish", "--kubeconfig", Cluster.Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--no-verify",
        "--token-file", Cluster.Folder.Write("token", Token), "--repository", repository,
    ];

    private static void Shows(Output output) => Expect.Silent(
        output, Password, Uri.EscapeDataString(Password), Convert.ToBase64String(Encoding.UTF8.GetBytes($"somebody:{Password}")), Token);
}
