namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>A cluster without IPv4: API server, Git host and proxy have IPv6 addresses, and the jobs receive no others.</summary>
[Trait("ApiServer", "own")]
public sealed class Ipv6Tests : SandboxTest
{
    private readonly ConcurrentDictionary<int, bool> _used = new();

    [Fact]
    public async Task Both_jobs_work_by_IPv6_addresses_alone()
    {
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        await using var apiServer = Listen(Cluster.ApiServer.Port);
        await using var proxy = Listen(Cluster.Proxy.Port);
        await using var ssh = Listen(Cluster.Ssh.Port);
        var knownHosts = Cluster.Folder.Write("known_hosts_6", Cluster.Ssh.KnownHosts($"[::1]:{ssh.Port}"));
        var environment = new Dictionary<string, string> { ["HTTPS_PROXY"] = $"http://[::1]:{proxy.Port}", ["NO_PROXY"] = "::1" };

        Expect.Done(
            await Cluster.RunAsync(
                "oidc",
                [
                    "publish", "--kubeconfig", Kubeconfig("oidc", apiServer), "--issuer", SandboxCluster.Issuer, "--branch", "main", "--ssh-key", Cluster.DeployKey.PrivateKeyPath,
                    "--known-hosts", knownHosts, "--repository", Cluster.Ssh.Url(SandboxCluster.RepositoryName).Replace($"127.0.0.1:{Cluster.Ssh.Port}", $"[::1]:{ssh.Port}", StringComparison.Ordinal),
                ],
                environment),
            "published the issuer",
            "is served as published");
        Expect.Done(
            await Cluster.RunAsync("certsync", ["sync", "--kubeconfig", Kubeconfig("certsync", apiServer), "--vault", SandboxCluster.VaultName, "--cluster", "blue"], environment),
            "create");

        Assert.Equal(new[] { apiServer.Port, proxy.Port, ssh.Port }.Order(), _used.Keys.Order());
    }

    /// <summary>Listens on [::1] and passes connections on to a port on 127.0.0.1: a server of the sandbox as a host without IPv4 sees it.</summary>
    private LoopbackListener Listen(int port)
    {
        LoopbackListener listener = null!;
        listener = new LoopbackListener(
            async (client, cancellationToken) =>
            {
                _used[listener.Port] = true;
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                await using var stream = server.GetStream();
                await Relay.RunAsync(client, stream, stream, () => server.Client.Shutdown(SocketShutdown.Send), null, cancellationToken);
            },
            IPAddress.IPv6Loopback);
        return listener;
    }

    private string Kubeconfig(string account, LoopbackListener listener) => Cluster.Folder.Write(
        $"{account}-6.kubeconfig",
        File.ReadAllText(Cluster.Kubeconfig(account)).Replace($"https://127.0.0.1:{Cluster.ApiServer.Port}", $"https://[::1]:{listener.Port}", StringComparison.Ordinal));
}
