namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>
/// A cluster whose DNS fails at first, as it does for a pod that starts faster than its network. The jobs get a resolv.conf of their
/// own in a mount namespace of their own; that and port 53 take root. Others see what a proxy in front of such a DNS answers (<see cref="ProxyTests"/>).
/// </summary>
[Trait("ApiServer", "own")]
public sealed class NameResolutionTests : SandboxTest
{
    protected override bool NeedsProcesses => true;

    private const string ApiServer = "kubernetes.default.svc";
    private const string Proxy = "proxy.cluster.test";
    private const string Git = "git.cluster.test";

    [Fact]
    [Trait("Duration", "long")]
    public async Task Both_jobs_try_again_until_the_names_are_there()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return;
        }

        await using var names = new NameServer(failures: 2);
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        var resolver = Cluster.Folder.Write("resolv.conf", $"nameserver {names.Address}\noptions attempts:1 timeout:2\n");
        var knownHosts = Cluster.Folder.Write("known_hosts_names", Cluster.Ssh.KnownHosts($"[{Git}]:{Cluster.Ssh.Port}"));

        Expect.Done(
            await RunAsync("oidc", resolver,
            [
                "publish", "--kubeconfig", Kubeconfig("oidc"), "--issuer", SandboxCluster.Issuer, "--branch", "main", "--ssh-key", Cluster.DeployKey.PrivateKeyPath,
                "--known-hosts", knownHosts, "--repository", Cluster.Ssh.Url(SandboxCluster.RepositoryName).Replace("127.0.0.1", Git, StringComparison.Ordinal), "--no-verify",
            ]),
            "published the issuer");
        Assert.All(new[] { ApiServer, Git }, name => Assert.InRange(names.Asked[name], 3, 100));

        await using var again = new NameServer(failures: 2);
        resolver = Cluster.Folder.Write("resolv.conf", $"nameserver {again.Address}\noptions attempts:1 timeout:2\n");
        Expect.Done(await RunAsync("certsync", resolver, ["sync", "--kubeconfig", Kubeconfig("certsync"), "--vault", SandboxCluster.VaultName, "--cluster", "blue"]), "create");
        Assert.All(new[] { ApiServer, Proxy }, name => Assert.InRange(again.Asked[name], 3, 100));
    }

    private string Kubeconfig(string account) => Cluster.Folder.Write(
        $"{account}-name.kubeconfig", File.ReadAllText(Cluster.Kubeconfig(account)).Replace("127.0.0.1", ApiServer, StringComparison.Ordinal));

    private async Task<Output> RunAsync(string job, string resolver, string[] arguments)
    {
        await using var runner = new BinaryRunner(Tools.Find("unshare", "util-linux"));
        foreach (var (name, value) in Cluster.Environment())
        {
            runner.Environment[name] = value;
        }

        runner.Environment["HTTPS_PROXY"] = $"http://{Proxy}:{Cluster.Proxy.Port}";
        runner.Environment["NO_PROXY"] = ApiServer;
        return await runner.RunAsync(
            ["--mount", "sh", "-c", "mount --bind \"$1\" /etc/resolv.conf && shift && exec \"$@\"", "sh", resolver, Binaries.Find(job), .. arguments]);
    }
}
