using System.Text.Json.Nodes;
using ClusterTrust.Sandbox;
using ClusterTrust.Sandbox.ApiServer;

namespace ClusterTrust.EndToEnd.Tests.Oidc;

/// <summary>A cluster with several API servers that rotate their keys one after the other.</summary>
public sealed class ApiServersTests : OidcTest
{
    private DocumentServer Second { get; set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Second = new DocumentServer(Cluster.Authority, Cluster.IssuerUrl);
        await Second.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        await Second.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task The_key_sets_of_named_API_servers_are_joined_so_that_the_published_set_does_not_flap()
    {
        string[] both = ["--api-server", Cluster.ApiServer.LoopbackAddress.AbsoluteUri, "--api-server", Second.LoopbackAddress.AbsoluteUri];
        await PublishedAsync(both);

        Assert.Equal(
            new[] { Cluster.ApiServer.Keys.Signing.KeyId, Second.Keys.Signing.KeyId }.Order(StringComparer.Ordinal),
            (await KidsAsync()).Order(StringComparer.Ordinal));
        Expect.Done(await PublishAsync(both.Reverse().Chunk(2).SelectMany(pair => pair.Reverse()).ToArray()), "nothing to publish");
        Assert.Equal(1, await CommitsAsync());
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task All_API_servers_are_found_by_the_EndpointSlice_that_they_keep()
    {
        Expect.Exit(Expect.Usage, await PublishAsync("--all-api-servers"), "add verb \"get\" on resource \"endpointslices\" of API group \"discovery.k8s.io\" to a Role in namespace default");

        var only = PolicyRule.For("discovery.k8s.io", "endpointslices", "get").Named("kubernetes");
        Cluster.ApiServer.Rbac.Grant(Subject.ServiceAccount(SandboxCluster.Namespace, "oidc"), "default", only);
        await PublishedAsync("--all-api-servers");
        Assert.Single(await KidsAsync());

        var slice = Cluster.ApiServer.State.List(ResourceType.EndpointSlices).Single().Body;
        slice["endpoints"]!.AsArray().Add(new JsonObject { ["addresses"] = new JsonArray("127.0.0.1") });
        slice["ports"]!.AsArray().Add(new JsonObject { ["name"] = "https", ["port"] = Second.Port, ["protocol"] = "TCP" });
        Cluster.ApiServer.State.Put(ResourceType.EndpointSlices, slice);
        await PublishedAsync("--all-api-servers");
        Assert.Equal(2, (await KidsAsync()).Length);

        Cluster.ApiServer.State.Delete(ResourceType.EndpointSlices, "default", "kubernetes");
        Expect.Exit(Expect.Usage, await PublishAsync("--all-api-servers"), "has no EndpointSlice default/kubernetes");
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task API_servers_of_two_clusters_are_refused()
    {
        await using var stranger = new DocumentServer(Cluster.Authority, "https://example.github.io/other");
        await stranger.StartAsync();

        Expect.Exit(
            Expect.Refused,
            await PublishAsync("--api-server", Cluster.ApiServer.LoopbackAddress.AbsoluteUri, "--api-server", stranger.LoopbackAddress.AbsoluteUri),
            "https://example.github.io/other");
        Assert.Null(Cluster.Repository.Tip("main"));
    }

    [Fact]
    [Trait("ApiServer", "own")]
    public async Task One_API_server_that_is_down_ends_the_run_before_anything_is_published()
    {
        var address = Second.LoopbackAddress.AbsoluteUri;
        await Second.StopAsync();

        Expect.Exit(Expect.Failed, await PublishAsync("--api-server", Cluster.ApiServer.LoopbackAddress.AbsoluteUri, "--api-server", address), address.TrimEnd('/'));
        Assert.Null(Cluster.Repository.Tip("main"));
    }
}
