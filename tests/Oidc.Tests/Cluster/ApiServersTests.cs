using System.Text;
using ClusterTrust.Hosting;
using ClusterTrust.Kubernetes;
using ClusterTrust.Oidc.Cluster;
using ClusterTrust.Sandbox.ApiServer;
using ClusterTrust.Sandbox.Hostile;
using ClusterTrust.Sandbox.Soaking;

namespace ClusterTrust.Oidc.Tests.Cluster;

public sealed class ApiServersTests : ClusterTest
{
    private const string Slice = """
        {"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"name":"kubernetes"},"addressType":"IPv4",
         "endpoints":[{"addresses":["10.0.0.5"],"conditions":{"ready":true}},{"addresses":["10.0.0.4"],"conditions":{}},{"addresses":["10.0.0.6"],"conditions":{"ready":false}},{"addresses":["fd00::4"]}],
         "ports":[{"name":"https","port":6443,"protocol":"TCP"},{"name":"metrics","port":1}]}
        """;

    [Fact]
    public async Task The_keys_the_signing_key_and_the_start_of_the_API_server_are_read()
    {
        var old = Server.Keys.Signing;
        Server.Keys.Rotate();
        Server.StartedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

        var server = Assert.Single(await ReadAsync(new()));

        Assert.Equal(new[] { old.KeyId, Server.Keys.Signing.KeyId }.Order(StringComparer.Ordinal), server.Issuer.Keys.Keys.Select(static key => key.Kid));
        Assert.Equal(Server.Keys.Signing.KeyId, server.Token.Kid);
        Assert.Equal(Server.StartedAt, server.StartedAt);
    }

    [Fact]
    public async Task Named_API_servers_are_read_each_on_its_own()
    {
        Assert.Equal([Named, Server.LoopbackAddress], (await ReadAsync(new() { ApiServers = [Named, Server.LoopbackAddress] })).Select(static server => server.Server));
    }

    [Fact]
    public async Task The_keys_of_all_API_servers_are_joined()
    {
        await using var second = new KubeApiServer(Authority);
        await second.StartAsync();
        // It does not know the first one's token.
        second.Instead = async context =>
        {
            var isDiscovery = context.Request.Path == IssuerEndpoint.DiscoveryPath;
            context.Response.ContentType = isDiscovery ? "application/json" : "application/jwk-set+json";
            await context.Response.Body.WriteAsync(isDiscovery ? second.Issuer.Discovery : second.Issuer.Jwks);
            return true;
        };

        var issuer = await ConnectAsync(connection => new IssuerReader(new() { ApiServers = [Server.LoopbackAddress, second.LoopbackAddress] }, connection).ReadAsync(default));

        Assert.Equal(
            new[] { Server.Keys.Signing.KeyId, second.Keys.Signing.KeyId }.Order(StringComparer.Ordinal), issuer.Keys.Keys.Select(static key => key.Kid).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_start_that_may_not_be_read_is_unknown_and_other_missing_rights_are_errors()
    {
        var account = Subject.ServiceAccount("clustertrust", "oidc");
        var token = Server.IssueToken("clustertrust", "oidc");
        Server.Rbac.Grant(account, "default", PolicyRule.For("discovery.k8s.io", "endpointslices", "get").Named("kubernetes"));

        Assert.Contains("grant 'list' on leases", (await Assert.ThrowsAsync<JobException>(() => ReadAsync(new(), token))).Message, StringComparison.Ordinal);

        Server.Rbac.Grant(account, "kube-system", PolicyRule.For("coordination.k8s.io", "leases", "list"));
        Assert.Contains("serviceaccounts/token", (await Assert.ThrowsAsync<KubernetesException>(() => ReadAsync(new(), token))).Message, StringComparison.Ordinal);

        Server.Rbac.Grant(account, "default", PolicyRule.For("", "serviceaccounts/token", "create"));
        Assert.Null(Assert.Single(await ReadAsync(new(), token)).StartedAt);
    }

    [Fact]
    public async Task An_external_signer_whose_keys_change_without_a_restart_is_refused()
    {
        Server.MoreMetrics = "apiserver_externaljwt_fetch_keys_success_timestamp 0\n";
        Assert.NotNull(Assert.Single(await ReadAsync(new())).StartedAt);
        Server.MoreMetrics = "apiserver_externaljwt_fetch_keys_success_timestamp 1.7e+09\n";

        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new()));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("--service-account-signing-endpoint", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_API_server_that_is_not_read_is_an_error()
    {
        Server.AddIdentity("behind-the-same-address");

        foreach (var options in new IssuerReaderOptions[] { new(), new() { ApiServers = [Server.LoopbackAddress, Server.LoopbackAddress] } })
        {
            var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(options));
            Assert.Equal(ExitCode.Failed, fault.ExitCode);
            Assert.Contains("2 API servers have an identity Lease in kube-system, but only 1 address is known", fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, (await ReadAsync(new() { ApiServers = [Server.LoopbackAddress, Named] })).Count);
    }

    [Fact]
    public async Task Without_identity_Leases_the_API_servers_must_be_named()
    {
        var lease = Server.State.List(ResourceType.Leases).Single();
        Server.State.Delete(ResourceType.Leases, lease.Namespace, lease.Name);

        var fault = await Assert.ThrowsAsync<JobException>(() => ReadAsync(new()));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("It is not known how many API servers the cluster has", fault.Message, StringComparison.Ordinal);
        Assert.Single(await ReadAsync(new() { ApiServers = [Named] }));
    }

    [Fact]
    public async Task An_EndpointSlice_without_an_address_is_an_error()
    {
        await ReadAsync(new());
        var slice = Server.State.List(ResourceType.EndpointSlices).Single().Body;
        slice["endpoints"] = new System.Text.Json.Nodes.JsonArray();
        Server.State.Put(ResourceType.EndpointSlices, slice);

        Assert.Equal(ExitCode.Usage, (await Assert.ThrowsAsync<JobException>(() => ReadAsync(new()))).ExitCode);
    }

    [Fact]
    public async Task Every_ready_IP_address_of_the_EndpointSlice_is_an_API_server()
    {
        Server.Instead = Answering(Encoding.UTF8.GetBytes(Slice));

        var servers = await ConnectAsync(static connection => connection.ApiServersAsync(default));

        Assert.Equal(["https://10.0.0.4:6443/", "https://10.0.0.5:6443/", "https://[fd00::4]:6443/"], servers.Select(static server => server.AbsoluteUri));
        Assert.Equal("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes", Assert.Single(Server.Requests).Path);
    }

    [Fact]
    public async Task A_missing_EndpointSlice_of_the_API_servers_is_a_usage_fault()
    {
        await ReadAsync(new());
        Server.State.Delete(ResourceType.EndpointSlices, "default", "kubernetes");

        var fault = await Assert.ThrowsAsync<KubernetesException>(() => ReadAsync(new()));

        Assert.Equal(ExitCode.Usage, fault.ExitCode);
        Assert.Contains("has no EndpointSlice default/kubernetes", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("give each with --api-server.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_EndpointSlices_name_addresses_or_nothing()
    {
        foreach (var seed in Soak.Inputs(400))
        {
            Server.Instead = Answering(new HostileJson(seed).Damage(Slice));
            await AssertFaultOrAnswerAsync(async () => Assert.All(
                await ConnectAsync(static connection => connection.ApiServersAsync(default)), static address => Assert.NotEqual(UriHostNameType.Dns, address.HostNameType)));
        }
    }

    private Uri Named => new($"https://localhost:{Server.Port}/");

    private Task<IReadOnlyList<ObservedApiServer>> ReadAsync(IssuerReaderOptions options, string? token = null) =>
        ConnectAsync(connection => new ApiServers(options, connection).ReadAsync(default), token);
}
