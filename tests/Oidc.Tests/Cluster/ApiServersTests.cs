using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Processes;
using ClusterTrust.Sandbox.Servers;

namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class ApiServersTests : IAsyncLifetime
{
    private TemporaryFolder Folder { get; } = new();

    private CertificateAuthority Authority { get; } = new();

    private KubeApiServer Server { get; set; } = null!;

    public async Task InitializeAsync()
    {
        Server = new KubeApiServer(Authority);
        await Server.StartAsync();
        Server.State.AddServiceAccount("default", "default");
        Server.WriteKubeconfig(Folder.Combine("kubeconfig"));
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
        Folder.Dispose();
    }

    [Fact]
    public async Task The_keys_the_signing_key_and_the_start_of_the_API_server_are_read()
    {
        var old = Server.Keys.Signing;
        Server.Keys.Rotate();
        Server.StartedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

        var server = Assert.Single(await ReadAsync(new IssuerReaderOptions()));

        Assert.Equal(new[] { old.KeyId, Server.Keys.Signing.KeyId }.Order(StringComparer.Ordinal), server.Issuer.Keys.Keys.Select(static key => key.Kid));
        Assert.Equal(Server.Keys.Signing.KeyId, server.Token.Kid);
        Assert.Equal(Server.StartedAt, server.StartedAt);
    }

    [Fact]
    public async Task Named_API_servers_are_read_each_on_its_own()
    {
        var named = new Uri($"https://localhost:{Server.Port}/");

        Assert.Equal([named, Server.LoopbackAddress], (await ReadAsync(new IssuerReaderOptions { ApiServers = [named, Server.LoopbackAddress] })).Select(static server => server.Server));
    }

    [Fact]
    public async Task A_start_that_may_not_be_read_is_unknown_and_a_token_that_may_not_be_requested_is_a_fault()
    {
        var account = Subject.ServiceAccount("clustertrust", "oidc");
        Server.WriteKubeconfig(Folder.Combine("kubeconfig"), Server.IssueToken("clustertrust", "oidc"));
        Server.Rbac.Grant(account, "default", PolicyRule.For("discovery.k8s.io", "endpointslices", "get").Named("kubernetes"));

        Assert.Contains("serviceaccounts/token", (await Assert.ThrowsAsync<KubernetesException>(() => ReadAsync(new IssuerReaderOptions()))).Message, StringComparison.Ordinal);

        Server.Rbac.Grant(account, "default", PolicyRule.For("", "serviceaccounts/token", "create"));
        Assert.Null(Assert.Single(await ReadAsync(new IssuerReaderOptions())).StartedAt);
    }

    [Fact]
    public async Task An_external_signer_whose_keys_change_without_a_restart_is_refused()
    {
        Server.MoreMetrics = "apiserver_externaljwt_fetch_keys_success_timestamp 0\n";
        Assert.NotNull(Assert.Single(await ReadAsync(new IssuerReaderOptions())).StartedAt);
        Server.MoreMetrics = "apiserver_externaljwt_fetch_keys_success_timestamp 1.7e+09\n";

        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new IssuerReaderOptions()));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("--service-account-signing-endpoint", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_names_no_API_server_is_refused()
    {
        var slice = (await ListedAsync()).Body;
        slice["endpoints"] = new System.Text.Json.Nodes.JsonArray();
        Server.State.Put(ResourceType.EndpointSlices, slice);

        Assert.Equal(ExitCode.Usage, (await Assert.ThrowsAsync<JobException>(() => ReadAsync(new IssuerReaderOptions()))).ExitCode);
    }

    private async Task<StoredObject> ListedAsync()
    {
        await ReadAsync(new IssuerReaderOptions());
        return Server.State.List(ResourceType.EndpointSlices).Single();
    }

    private async Task<IReadOnlyList<ObservedApiServer>> ReadAsync(IssuerReaderOptions options)
    {
        using var connection = KubernetesConnection.Open(new KubernetesOptions { KubeconfigPath = Folder.Combine("kubeconfig") });
        return await new ApiServers(options, new ClusterTokenOptions(), connection).ReadAsync(default);
    }
}
