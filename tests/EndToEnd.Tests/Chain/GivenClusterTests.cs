namespace ClusterTrust.EndToEnd.Tests.Chain;

/// <summary>
/// What <c>make demo CLUSTER=...</c> and <c>make test-cluster CLUSTER=...</c> do, against a second API server that is known by its kubeconfig
/// alone: it has its own CA and issuer, no controllers, and things of others that must be left as they are.
/// </summary>
[Trait("ApiServer", "own")]
public sealed class GivenClusterTests : IAsyncLifetime, IDisposable
{
    private readonly CertificateAuthority _authority = new("another CA");
    private readonly TemporaryFolder _folder = new();
    private KubeApiServer _server = null!;
    private string _kubeconfig = "";

    public async Task InitializeAsync()
    {
        _server = new KubeApiServer(_authority, new ApiServerOptions { Issuer = "https://someone.github.io/clusters/blue", Controllers = false })
        {
            Issuer = { JwksUri = "https://10.0.0.1:6443/openid/v1/jwks" },
        };
        await _server.StartAsync();
        _server.State.AddNamespace("shop");
        var theirs = CertificateIssuer.Issue(new CertificateSpec("shop", "theirs"));
        _server.State.PutSecret("shop", "theirs-tls", theirs.Data, annotations: [KeyValuePair.Create("cert-manager.io/certificate-name", "theirs")]);
        _kubeconfig = _folder.Combine("kubeconfig");
        _server.WriteKubeconfig(_kubeconfig);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_chain_runs_and_Events_are_taken_with_the_manifests_rights_and_nothing_is_left_behind_wherever_the_API_server_is()
    {
        // Another form of the loopback address, which nothing takes for one of this machine's own names, is reached without the sandbox's proxy.
        await File.WriteAllTextAsync(_kubeconfig, (await File.ReadAllTextAsync(_kubeconfig)).Replace(
            $"https://127.0.0.1:{_server.Port}", $"https://[::ffff:127.0.0.1]:{_server.Port}\n    tls-server-name: kubernetes", StringComparison.Ordinal));
        var before = Shown();
        await using (var cluster = await SandboxCluster.StartAsync(kubeconfig: _kubeconfig))
        {
            Assert.Equal("https://someone.github.io/clusters/blue", cluster.IssuerUrl);
            Assert.Equal("someone/clusters", cluster.SiteRepository);
            Assert.Equal(["127.0.0.1", "localhost", "::ffff:127.0.0.1/128"], cluster.Environment()["NO_PROXY"].Split(','));
            Assert.Throws<InvalidOperationException>(() => cluster.ApiServer);
            Assert.Throws<ArgumentException>(() => cluster.Kubernetes.AddNamespace("shop"));
            await WholeChainTests.ChainAsync(cluster);
            Assert.DoesNotContain(cluster.Vault.Certificates, static certificate => certificate.Name == "theirs");
            await WholeChainTests.EventsAsync(cluster);

            // The rights are the rendered manifests', to the verb.
            var account = cluster.Kubernetes.AccountOf("certsync");
            var token = cluster.Kubernetes.IssueToken(cluster.JobsNamespace, account);
            var user = _server.Authenticate($"Bearer {token}")!;
            Assert.NotNull(_server.Rbac.Allows(user, new AccessRequest("list", "", "", "v1", "secrets")));
            Assert.Null(_server.Rbac.Allows(user, new AccessRequest("update", "", "", "v1", "secrets", "", "shop", "theirs-tls")));
            Assert.All(_server.State.List(ResourceType.CronJobs), static job => Assert.True(job.Body["spec"]!["suspend"]!.GetValue<bool>()));
        }

        Assert.Equal(before, Shown());
        Assert.All(
            _server.State.List(ResourceType.Namespaces).Where(static space => space.Name.StartsWith("ct-", StringComparison.Ordinal)),
            static space => Assert.Equal("Terminating", space.Body["status"]!["phase"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_cluster_whose_issuer_Pages_cannot_serve_is_refused_and_left_as_it_was()
    {
        _server.Issuer.Issuer = "https://kubernetes.default.svc.cluster.local";
        var before = Shown();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SandboxCluster.StartAsync(kubeconfig: _kubeconfig));
        Assert.StartsWith("The cluster's issuer is https://kubernetes.default.svc.cluster.local, which", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--service-account-issuer=", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--service-account-jwks-uri=", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Shown());
        Assert.All(_server.Requests, static request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task A_kubeconfig_that_does_not_exist_or_has_no_CA_is_named()
    {
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => SandboxCluster.StartAsync(kubeconfig: "nowhere"));
        Assert.Contains("nowhere", missing.Message, StringComparison.Ordinal);

        // Jobs trust the sandbox's CA alone.
        var lines = (await File.ReadAllLinesAsync(_kubeconfig)).Where(static line => !line.Contains("certificate-authority-data", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(_kubeconfig, lines);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SandboxCluster.StartAsync(kubeconfig: _kubeconfig));
        Assert.Contains("certificate-authority", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    /// <summary>Every object with its version, without namespaces that are on their way out.</summary>
    private string[] Shown() =>
    [
        .. ResourceType.All.SelectMany(_server.State.List)
            .Where(static one => one.Type != ResourceType.Namespaces || one.Body["metadata"]!["deletionTimestamp"] is null)
            .Where(static one => one.Type != ResourceType.EndpointSlices)
            .Select(static one => $"{one.Type.Plural} {one.Key} {one.ResourceVersion}"),
    ];
}
