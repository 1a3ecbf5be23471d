using ClusterTrust.EndToEnd.Tests.Oidc;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.CertManager;

namespace ClusterTrust.EndToEnd.Tests.Surroundings;

/// <summary>A cluster without IPv4: API server, Git host and proxy have IPv6 addresses, and the jobs are told no other.</summary>
[Trait("ApiServer", "own")]
public sealed class Ipv6Tests : OidcTest
{
    protected override bool NeedsProcesses => true;

    [Fact]
    public async Task Both_jobs_work_by_IPv6_addresses_alone()
    {
        Cluster.Certificates.Issue(new CertificateSpec("shop", "web"));
        await using var apiServer = new Ipv6Relay(Cluster.ApiServer.Port);
        await using var proxy = new Ipv6Relay(Cluster.Proxy.Port);
        await using var ssh = new Ipv6Relay(Cluster.Ssh.Port);
        var knownHosts = Cluster.Folder.Write("known_hosts_6", Cluster.Ssh.KnownHosts($"[::1]:{ssh.Port}"));
        var environment = new Dictionary<string, string> { ["HTTPS_PROXY"] = $"http://[::1]:{proxy.Port}", ["NO_PROXY"] = "::1" };

        var publish = new[]
        {
            "publish", "--kubeconfig", Kubeconfig("oidc", apiServer), "--issuer", SandboxCluster.Issuer, "--branch", "main", "--ssh-key", Cluster.DeployKey.PrivateKeyPath,
            "--known-hosts", knownHosts, "--repository", Cluster.Ssh.Url(SandboxCluster.RepositoryName).Replace($"127.0.0.1:{Cluster.Ssh.Port}", $"[::1]:{ssh.Port}", StringComparison.Ordinal),
        };
        Expect.Done(await RunAsync(publish, environment), "published the issuer");

        Expect.Done(await RunAsync(["verify", "--kubeconfig", Kubeconfig("oidc", apiServer), "--issuer", SandboxCluster.Issuer], environment));

        await using var certsync = Cluster.Job("certsync");
        string[] sync = ["sync", "--kubeconfig", Kubeconfig("certsync", apiServer), "--vault", SandboxCluster.VaultName, "--cluster", "blue"];
        Expect.Done(await certsync.RunAsync(sync, environment, TimeSpan.FromMinutes(10)), "create");

        Assert.All(new[] { apiServer, proxy, ssh }, static relay => Assert.NotEqual(0, relay.Connections));
    }

    private string Kubeconfig(string account, Ipv6Relay relay) => Cluster.Folder.Write(
        $"{account}-6.kubeconfig",
        File.ReadAllText(Cluster.Kubeconfig(account)).Replace($"https://127.0.0.1:{Cluster.ApiServer.Port}", $"https://[::1]:{relay.Port}", StringComparison.Ordinal));
}
