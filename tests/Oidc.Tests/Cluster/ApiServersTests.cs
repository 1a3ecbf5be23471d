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
        await Assert.FaultAsync(ExitCode.Usage, "grant 'list' on leases", () => ReadAsync(new(), token));
        Server.Rbac.Grant(account, "kube-system", PolicyRule.For("coordination.k8s.io", "leases", "list"));
        await Assert.FaultAsync(ExitCode.Usage, "serviceaccounts/token", () => ReadAsync(new(), token));
        Server.Rbac.Grant(account, "default", PolicyRule.For("", "serviceaccounts/token", "create"));
        Assert.Null(Assert.Single(await ReadAsync(new(), token)).StartedAt);
    }

    /// <summary>Cases in which an API server, or its start time, is unknown.</summary>
    public static TheoryData<Action<KubeApiServer>, ExitCode, string> Unknown => new()
    {
        { static server => server.MoreMetrics = "apiserver_externaljwt_fetch_keys_success_timestamp 1.7e+09\n", ExitCode.Usage, "--service-account-signing-endpoint" },
        { static server => server.AddIdentity("behind-the-same-address"), ExitCode.Failed, "2 API servers have an identity Lease in kube-system, but only 1 address is known" },
        { static server => Delete(server, ResourceType.Leases), ExitCode.Usage, "It is not known how many API servers the cluster has" },
        { static server => Delete(server, ResourceType.EndpointSlices), ExitCode.Usage, "has no EndpointSlice default/kubernetes, which would name the API servers of the cluster: give each with --api-server." },
        { static server => server.Instead = Answering("""{"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","addressType":"IPv4","endpoints":[],"ports":[{"name":"https","port":6443}]}"""u8.ToArray()), ExitCode.Usage, "has no address of an API server: give each with --api-server." },
    };

    [Theory]
    [MemberData(nameof(Unknown))]
    public async Task What_is_not_known_about_the_API_servers_is_an_error(Action<KubeApiServer> change, ExitCode exitCode, string message)
    {
        Server.MoreMetrics = "apiserver_externaljwt_fetch_keys_success_timestamp 0\n";
        Assert.NotNull(Assert.Single(await ReadAsync(new())).StartedAt);
        change(Server);
        await Assert.FaultAsync(exitCode, message, () => ReadAsync(new()));
    }

    /// <summary>Wherever a part of the answer ends.</summary>
    [Fact]
    public async Task The_start_is_found_among_long_metrics()
    {
        for (var length = 16 * 1024 - 100; length < 16 * 1024; length += 7)
        {
            using var metrics = new MemoryStream(Encoding.UTF8.GetBytes($"{new string('x', length)}\nprocess_start_time_seconds 1.7e+09\n"));
            Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), await ApiServers.ReadStartAsync(Named, metrics, default));
        }
    }

    [Fact]
    public async Task A_metric_without_end_is_not_kept()
    {
        using var metrics = new LongLine(128 * 1024 * 1024);
        Assert.Null(await ApiServers.ReadStartAsync(Named, metrics, default));
        Assert.InRange(metrics.Kept, long.MinValue, 128 * 1024 * 1024);
    }

    /// <summary>A line that its reader would have to keep as UTF-16, twice its length.</summary>
    private sealed class LongLine(int length) : MemoryStream
    {
        private readonly long _before = GC.GetTotalMemory(forceFullCollection: true);
        private int _left = length;

        public long Kept { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(_left, buffer.Length);
            buffer.Span[..count].Fill((byte)'x');
            _left -= count;
            Kept = _left == 0 ? GC.GetTotalMemory(forceFullCollection: true) - _before : 0;
            return new(count);
        }
    }

    [Fact]
    public async Task As_many_addresses_as_there_are_API_servers_must_be_named()
    {
        Delete(Server, ResourceType.Leases);
        Assert.Single(await ReadAsync(new() { ApiServers = [Named] }));

        Server.AddIdentity("one");
        Server.AddIdentity("behind-the-same-address");
        await Assert.FaultAsync(ExitCode.Failed, "only 1 address is known", () => ReadAsync(new() { ApiServers = [Server.LoopbackAddress, Server.LoopbackAddress] }));
        await Assert.FaultAsync(
            ExitCode.Usage, $"https://localhost:{Server.Port} and https://127.0.0.1:{Server.Port} started at the same moment", () => ReadAsync(new() { ApiServers = [Named, Server.LoopbackAddress] }));

        // As another one, whose metrics are another process's.
        Server.Tamper = static (context, body) =>
            context.Request is { Path.Value: "/metrics", Host.Host: "localhost" } ? "process_start_time_seconds 1.7e+09\n"u8.ToArray() : body;
        Assert.Equal([Named, Server.LoopbackAddress], (await ReadAsync(new() { ApiServers = [Named, Server.LoopbackAddress] })).Select(static server => server.Server));
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
    public async Task Hostile_EndpointSlices_name_addresses_or_nothing()
    {
        foreach (var seed in Soak.Inputs(200))
        {
            Server.Instead = Answering(new HostileJson(seed).Damage(Slice));
            await Assert.AtMostFaultAsync<JobException>(async () => Assert.All(
                await ConnectAsync(static connection => connection.ApiServersAsync(default)), static address => Assert.NotEqual(UriHostNameType.Dns, address.HostNameType)));
        }
    }

    private Uri Named => new($"https://localhost:{Server.Port}/");

    private static void Delete(KubeApiServer server, ResourceType type)
    {
        var only = server.State.List(type).Single();
        server.State.Delete(type, only.Namespace, only.Name);
    }

    private Task<IReadOnlyList<ObservedApiServer>> ReadAsync(IssuerReaderOptions options, string? token = null) =>
        ConnectAsync(connection => new ApiServers(options, connection).ReadAsync(default), token);
}
